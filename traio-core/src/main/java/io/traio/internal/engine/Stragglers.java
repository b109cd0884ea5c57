// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import io.traio.internal.Nanos;
import io.traio.internal.SystemTimeSource;
import io.traio.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tasks of a scope, and the body, that were cancelled and did not end within their grace period. One alarm at a
 * time, for the earliest. When stragglers are all that lives in a scope that ends, the scope is done without them; for a
 * body it waits, but says so.
 */
final class Stragglers {

    private static final VarHandle STRAGGLERS;
    private static final VarHandle COUNT;
    private static final VarHandle NEXT;
    private static final VarHandle CALLS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STRAGGLERS = lookup.findVarHandle(ScopeRecordFields.class, "stragglers", Stragglers.class);
            COUNT = lookup.findVarHandle(Stragglers.class, "count", int.class);
            NEXT = lookup.findVarHandle(Stragglers.class, "next", Check.class);
            CALLS = lookup.findVarHandle(Stragglers.class, "calls", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What code has in any case, by the wall clock, to react: a clock of tests may jump. */
    private static final long MIN_REACTION_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final ScopeNode scope;
    /** The limit for tasks that have none of their own. */
    private final long cancelNanos;

    private volatile int count;
    private volatile @Nullable Check next;
    /** How many checks were asked for since the one that is under way began; 0 if none is. */
    private volatile int calls;
    /** When the body was cancelled; 0 if it was not, or has been reported. */
    private volatile long bodyCancelledAtNanos;

    private volatile long lastCancelRealNanos = System.nanoTime();

    private Stragglers(ScopeNode scope) {
        this.scope = scope;
        this.cancelNanos = Nanos.of(scope.options.cancelTimeout());
    }

    private static Stragglers of(ScopeNode scope) {
        Stragglers known = scope.stragglers;
        if (known == null) {
            Stragglers fresh = new Stragglers(scope);
            known = (Stragglers) STRAGGLERS.compareAndExchange(scope, null, fresh);
            known = known != null ? known : fresh;
        }
        return known;
    }

    /** Running tasks of a scope were cancelled at some time, a moment ago. */
    static void watch(ScopeNode scope, List<? extends TaskNode<?>> tasks, long atNanos) {
        if (!tasks.isEmpty()) {
            of(scope).start(tasks, atNanos);
        }
    }

    /** The body of a scope was cancelled at some time, a moment ago. */
    static void watchBody(ScopeNode scope, long atNanos) {
        if (scope.options.cancelTimeout().compareTo(ScopeOptions.FOREVER) < 0) {
            Stragglers stragglers = of(scope);
            stragglers.bodyCancelledAtNanos = atNanos != 0 ? atNanos : 1;
            stragglers.lastCancelRealNanos = System.nanoTime();
            if (stragglers.cancelNanos < Nanos.FOREVER && !stragglers.checkAt(atNanos + stragglers.cancelNanos)) {
                stragglers.checkNow();
            }
        }
    }

    /** This thread is about to leave a shield: the grace periods of the cancelled code around it begin now. */
    static void shieldLeft(ScopeNode shield) {
        beginGrace(shield.enclosing(), shield.engine.nanoTime());
    }

    /** The cancelled code from a frame outwards knows of that from now on. */
    static void beginGrace(@Nullable Frame innermost, long now) {
        for (Frame frame = innermost; frame != null; frame = Shield.next(frame)) {
            if (frame instanceof TaskNode<?> task && task.cancelledAtNanos() != 0) {
                task.cancelledAt(now);
            } else if (frame instanceof ScopeNode scope && scope.stragglers != null) {
                of(scope).restart(now);
            }
        }
    }

    private void restart(long now) {
        lastCancelRealNanos = System.nanoTime();
        if (bodyCancelledAtNanos != 0) {
            bodyCancelledAtNanos = now != 0 ? now : 1;
        }
    }

    private void start(List<? extends TaskNode<?>> tasks, long atNanos) {
        lastCancelRealNanos = System.nanoTime();
        long shortest = Nanos.FOREVER;
        for (TaskNode<?> task : tasks) {
            task.cancelledAt(atNanos);
            shortest = Math.min(shortest, cancelNanos(task));
        }
        // Either a check that is under way sees these times, or it is seen here that its alarm is gone.
        VarHandle.fullFence();
        if (shortest < Nanos.FOREVER && !checkAt(atNanos + shortest)) {
            checkNow();
        }
    }

    /** Sets the alarm for some time, unless there is one for an earlier; false if that time has come. */
    private boolean checkAt(long atNanos) {
        Check known = next;
        if (known != null && known.atNanos - atNanos <= 0) {
            return true;
        }
        long delayNanos = atNanos - scope.engine.nanoTime();
        if (delayNanos <= 0) {
            return false;
        }
        set(new Check(atNanos), delayNanos);
        return true;
    }

    private void set(Check fresh, long delayNanos) {
        for (; ; ) {
            Check known = next;
            if (known != null && known.atNanos - fresh.atNanos <= 0) {
                return;
            }
            if (NEXT.compareAndSet(this, known, fresh)) {
                if (known != null) {
                    known.stop();
                }
                try {
                    fresh.alarm = scope.engine.time.schedule(delayNanos, fresh);
                } catch (Throwable e) {
                    // The canceller has others to cancel.
                    NEXT.compareAndSet(this, fresh, null);
                    scope.engine.observers.noAlarm(scope, e);
                }
                if (next != fresh || scope.isDone()) {
                    fresh.stop();
                }
                return;
            }
        }
    }

    /** The scope has ended, and nothing has to be watched any more. */
    static void stop(ScopeNode scope) {
        Stragglers known = scope.stragglers;
        if (known != null) {
            known.stop();
        }
    }

    private void stop() {
        Check last = next != null ? (Check) NEXT.getAndSet(this, null) : null;
        if (last != null) {
            last.stop();
        }
    }

    /** On another thread: the canceller has others to cancel, and listeners may be slow. */
    private void checkNow() {
        SystemTimeSource.INSTANCE.schedule(0, this::check);
    }

    /** One check at a time: two at once would each send code that has swallowed its interrupt one more. */
    private void check() {
        if ((int) CALLS.getAndAdd(this, 1) == 0) {
            int seen = 0;
            try {
                do {
                    seen = calls;
                    checkOnce();
                } while (!CALLS.compareAndSet(this, seen, 0));
            } catch (Throwable e) {
                if ((int) CALLS.getAndSet(this, 0) > seen) {
                    checkNow();
                }
                throw e;
            }
        }
    }

    private void checkOnce() {
        awaitReaction();
        long now = scope.engine.nanoTime();
        if (interruptAgain(now)) {
            lastCancelRealNanos = System.nanoTime();
            awaitReaction();
        }
        checkBody(now);
        for (Node member : Members.of(scope)) {
            if (member instanceof TaskNode<?> task && task.cancelledAtNanos() != 0 && !task.isStraggler()) {
                long limit = cancelNanos(task);
                // While it may not know, its grace period has not begun.
                long left = task.hasFlag(Frame.KEPT_FROM_KNOWING) ? limit : task.cancelledAtNanos() + limit - now;
                if (limit < Nanos.FOREVER && left > 0) {
                    set(new Check(now + left), left);
                } else if (limit < Nanos.FOREVER && task.tryMarkStraggler()) {
                    straggles(task);
                } else if (limit < Nanos.FOREVER && task.phase() == Frame.INTERRUPTING) {
                    set(new Check(now + limit), limit);
                }
            }
        }
        ScopeEnd.giveUpIfOnlyStragglersLive(scope);
    }

    /** Code that has swallowed its interrupt gets one more before it is said to straggle. Returns whether any got it. */
    private boolean interruptAgain(long now) {
        long since = bodyCancelledAtNanos;
        boolean any =
                since != 0 && since + cancelNanos - now <= 0 && !isInScopeBelow() && InterruptAccount.sendAgain(scope);
        for (Node member : Members.of(scope)) {
            if (member instanceof TaskNode<?> task && task.cancelledAtNanos() != 0 && !task.isStraggler()) {
                long limit = cancelNanos(task);
                any |= limit < Nanos.FOREVER
                        && task.cancelledAtNanos() + limit - now <= 0
                        && InterruptAccount.sendAgain(task);
            }
        }
        return any;
    }

    /** Waits, by the wall clock, until no cancelled task runs or all have had their time; with a real clock they had. */
    private void awaitReaction() {
        long since = lastCancelRealNanos;
        long reaction = Math.min(MIN_REACTION_NANOS, cancelNanos);
        while (System.nanoTime() - since < reaction && isAnyCancelledLeft()) {
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }

    private boolean isAnyCancelledLeft() {
        if (scope.phase() == Frame.CANCELLING && !scope.hasFlag(Frame.KEPT_FROM_KNOWING)) {
            return true;
        }
        for (Node member : Members.of(scope)) {
            if (member instanceof TaskNode<?> task
                    && task.phase() == Frame.CANCELLING
                    && !task.isStraggler()
                    && !task.hasFlag(Frame.KEPT_FROM_KNOWING)) {
                return true;
            }
        }
        return false;
    }

    private void checkBody(long now) {
        long since = bodyCancelledAtNanos;
        if (since == 0) {
            return;
        }
        long left = since + cancelNanos - now;
        if (left > 0) {
            set(new Check(now + left), left);
        } else if (scope.hasFlag(Frame.KEPT_FROM_KNOWING) || InterruptAccount.isWaiting(scope) || isInScopeBelow()) {
            // It cannot know, or waits for others, which are watched themselves.
            bodyCancelledAtNanos = now;
            set(new Check(now + cancelNanos), cancelNanos);
        } else {
            bodyCancelledAtNanos = 0;
            Thread owner = scope.thread();
            // A thread that has ended is reported as such.
            if (owner != null && owner.isAlive() && scope.tryMarkStraggler()) {
                scope.engine.observers.bodyStraggling(scope);
            }
        }
    }

    /** Returns whether the body is in that of a child, which is watched itself. */
    private boolean isInScopeBelow() {
        for (ScopeNode child : Members.childrenOf(scope)) {
            if (child.isOpenedIn(scope) && !child.isCodeEnded()) {
                return true;
            }
        }
        return false;
    }

    private void straggles(TaskNode<?> task) {
        scope.engine.observers.taskStraggling(task);
        reportEnd(task);
        // Not before it has been reported: the scope may be done with this.
        COUNT.getAndAdd(this, 1);
        if (task.isAwaited()) {
            ScopeEnd.follow(scope, Admission.stopAwaiting(scope));
        }
    }

    /** A straggler has ended after all. */
    static void ended(TaskNode<?> task) {
        COUNT.getAndAdd(of(task.scope), -1);
        reportEnd(task);
    }

    /** The end of a straggler is reported by the second of two: the check that found it, and its own thread. */
    private static void reportEnd(TaskNode<?> task) {
        if (task.isSecondToReport()) {
            task.scope.engine.observers.stragglerEnded(task);
        }
    }

    /**
     * The scope, from this one upwards, in which only stragglers live, and child scopes whose bodies run on the threads
     * of such; null if there is none.
     */
    static @Nullable ScopeNode scopeOfOnlyStragglers(ScopeNode scope) {
        for (ScopeNode s = scope; s != null && s.isEnding(); s = s.parent) {
            // In a scope further up only this one's body may live.
            if (!s.isDone() && !doesAnythingElseLive(s, s.liveMembers())) {
                return s;
            }
        }
        return null;
    }

    private static boolean doesAnythingElseLive(ScopeNode scope, int live) {
        int left = live - count(scope);
        if (left <= scope.countedChildren && scope.hadChildren) {
            for (ScopeNode child : Members.childrenOf(scope)) {
                boolean lost = doesOnlyALostBodyLive(child);
                if (lost && child.counted) {
                    left--;
                } else if (!lost && !child.counted) {
                    left++;
                }
            }
        }
        return left > 0;
    }

    private static boolean doesOnlyALostBodyLive(ScopeNode scope) {
        return scope.isEnding()
                && isOwnerLost(scope)
                && !doesAnythingElseLive(scope, Admission.liveMembersBesideBody(scope));
    }

    /** Returns whether the body runs on the thread of a task that is no longer waited for. */
    private static boolean isOwnerLost(ScopeNode scope) {
        if (scope.thread() == null) {
            return false;
        }
        for (Frame frame = scope.enclosing(); frame != null; frame = frame.enclosing()) {
            if (frame instanceof TaskNode<?> task && (task.isStraggler() || task.isAbandoned())) {
                return true;
            }
        }
        return false;
    }

    private static int count(ScopeNode scope) {
        Stragglers known = scope.stragglers;
        return known != null ? known.count : 0;
    }

    /** The tasks of a scope that straggle now. */
    static List<TaskNode<?>> tasksOf(ScopeNode scope) {
        List<TaskNode<?>> tasks = new ArrayList<>();
        if (count(scope) > 0) {
            for (Node member : Members.of(scope)) {
                if (member instanceof TaskNode<?> task && task.isStraggler()) {
                    tasks.add(task);
                }
            }
        }
        return tasks;
    }

    private long cancelNanos(TaskNode<?> task) {
        Duration own = task.options().cancelTimeout();
        return own != null ? Nanos.of(own) : cancelNanos;
    }

    /** The alarm for the earliest that may become a straggler. */
    private final class Check implements Runnable {

        private final long atNanos;
        private volatile TimeSource.@Nullable Alarm alarm;

        Check(long atNanos) {
            this.atNanos = atNanos;
        }

        @Override
        public void run() {
            if (NEXT.compareAndSet(Stragglers.this, this, null)) {
                check();
            }
        }

        void stop() {
            TimeSource.Alarm set = alarm;
            if (set != null) {
                set.cancel();
            }
        }
    }
}
