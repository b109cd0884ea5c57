// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tasks of a scope that were cancelled and did not end in time. One alarm at a time, for the earliest; when
 * stragglers are all that is left in a scope that ends, the scope is done without them.
 */
final class Stragglers {

    private static final VarHandle COUNT;
    private static final VarHandle NEXT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            COUNT = lookup.findVarHandle(Stragglers.class, "count", int.class);
            NEXT = lookup.findVarHandle(Stragglers.class, "next", Check.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ScopeNode scope;
    /** The limit for tasks that have none of their own. */
    private final long cancelNanos;

    private volatile int count;
    private volatile @Nullable Check next;

    Stragglers(ScopeNode scope) {
        this.scope = scope;
        this.cancelNanos = Deadline.nanos(scope.options.cancelTimeout());
    }

    /** Running tasks of a scope were cancelled at some time, a moment ago. */
    static void watch(ScopeNode scope, List<? extends TaskNode<?>> tasks, long atNanos) {
        if (!tasks.isEmpty()) {
            scope.stragglers().start(tasks, atNanos);
        }
    }

    private void start(List<? extends TaskNode<?>> tasks, long atNanos) {
        long shortest = Deadline.FOREVER_NANOS;
        for (TaskNode<?> task : tasks) {
            task.cancelledAt(atNanos);
            shortest = Math.min(shortest, cancelNanos(task));
        }
        // Either a check that is under way sees these times, or it is seen here that its alarm is gone.
        VarHandle.fullFence();
        if (shortest < Deadline.FOREVER_NANOS && !checkAt(atNanos + shortest)) {
            check();
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

    /** The scope has ended, nobody has to be watched any more. */
    static void stop(ScopeNode scope) {
        Stragglers known = scope.stragglersIfAny();
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

    private void check() {
        long now = scope.engine.nanoTime();
        for (Node member : scope.members()) {
            if (member instanceof TaskNode<?> task && task.cancelledAtNanos() != 0 && !task.isStraggler()) {
                long limit = cancelNanos(task);
                long left = task.cancelledAtNanos() + limit - now;
                if (limit < Deadline.FOREVER_NANOS && left > 0) {
                    set(new Check(now + left), left);
                } else if (limit < Deadline.FOREVER_NANOS && task.tryMarkStraggler()) {
                    straggles(task);
                }
            }
        }
        giveUpIfOnlyStragglersAreLeft(scope);
    }

    private void straggles(TaskNode<?> task) {
        scope.engine.observers.taskStraggling(task);
        tellEnd(task);
        // Not before it has been told: the scope may be done with this.
        COUNT.getAndAdd(this, 1);
        if (task.options().awaited()) {
            scope.releaseAwaited();
        }
    }

    /** A straggler has ended after all. */
    static void ended(TaskNode<?> task) {
        COUNT.getAndAdd(task.frameScope().stragglers(), -1);
        tellEnd(task);
    }

    /** The end of a straggler is told by whoever comes second: the one who found it, or its own thread. */
    private static void tellEnd(TaskNode<?> task) {
        if (task.isSecondToTell()) {
            task.frameScope().engine.observers.stragglerEnded(task);
        }
    }

    /** Ends a scope in which only stragglers are left, and child scopes whose bodies run on the threads of such. */
    static void giveUpIfOnlyStragglersAreLeft(ScopeNode scope) {
        for (ScopeNode s = scope; s != null && s.isEnding(); s = s.parent) {
            if (s.isDone() || isAnythingElseLeft(s, s.liveMembers())) {
                // A scope further up may be left with this one's body.
                continue;
            }
            s.giveUp();
            return;
        }
    }

    private static boolean isAnythingElseLeft(ScopeNode scope, int live) {
        int left = live - count(scope);
        if (left <= scope.countedChildren() && scope.hadChildren()) {
            for (ScopeNode child : Snapshots.children(scope)) {
                boolean lost = isOnlyALostBodyLeft(child);
                if (lost && child.isCounted()) {
                    left--;
                } else if (!lost && !child.isCounted()) {
                    left++;
                }
            }
        }
        return left > 0;
    }

    private static boolean isOnlyALostBodyLeft(ScopeNode scope) {
        return scope.isEnding() && isOwnerLost(scope) && !isAnythingElseLeft(scope, scope.liveMembersBesideBody());
    }

    /** Whether the body runs on the thread of a task that is no longer waited for. */
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
        Stragglers known = scope.stragglersIfAny();
        return known != null ? known.count : 0;
    }

    /** The tasks of a scope that straggle now. */
    static List<TaskNode<?>> of(ScopeNode scope) {
        List<TaskNode<?>> tasks = new ArrayList<>();
        if (count(scope) > 0) {
            for (Node member : scope.members()) {
                if (member instanceof TaskNode<?> task && task.isStraggler()) {
                    tasks.add(task);
                }
            }
        }
        return tasks;
    }

    private long cancelNanos(TaskNode<?> task) {
        Duration own = task.options().cancelTimeout();
        return own != null ? Deadline.nanos(own) : cancelNanos;
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
