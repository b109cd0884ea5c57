// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeSnapshot;
import io.traio.internal.SystemTimeSource;
import io.traio.spi.CancelReason;
import io.traio.spi.TimeSource;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A cancellation on its way down: from a scope to its tasks and child scopes, and theirs, level by level and without
 * recursion, since scopes may be nested deeper than a stack is.
 *
 * <p>First all scopes begin to end, then their bodies and tasks are cancelled. Only then are listeners and callbacks called:
 * they may be slow, or wait for something that had not been cancelled yet.
 *
 * <p>{@link Thread#interrupt} may take long: it closes the channel that the thread is blocked in. So where there are several,
 * a second thread takes over the rest after a moment, and goes on without the one that takes long.
 */
final class Cancellation {

    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final List<ScopeNode> cancelled = new ArrayList<>();
    /** Tasks, and scopes whose bodies are to be cancelled; complete before the first is. */
    private final List<Node> targets = new ArrayList<>();

    private final AtomicInteger next = new AtomicInteger();
    /** Tasks that this has ended, since no thread was in them or they were abandoned. */
    private final Queue<TaskNode<?>> ended = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean finished = new AtomicBoolean();
    private final long atNanos;

    /** What was in the first of the scopes; null if no listener wants to know. */
    private final @Nullable ScopeSnapshot unfinished;

    private Cancellation(long atNanos, @Nullable ScopeSnapshot unfinished) {
        this.atNanos = atNanos;
        this.unfinished = unfinished;
    }

    /** Cancels a scope, for which the caller has counted itself in, and everything below. */
    static void of(ScopeNode scope, @Nullable ScopeSnapshot unfinished) {
        Cancellation cancellation = new Cancellation(scope.cancelledAtNanos(), unfinished);
        Deque<ScopeNode> below = new ArrayDeque<>();
        below.add(scope);
        cancellation.begin(below);
        cancellation.cancelAll();
    }

    /** Cancels what is in a scope. */
    static void ofMembers(ScopeNode scope) {
        Cancellation cancellation = new Cancellation(scope.cancelledAtNanos(), null);
        Deque<ScopeNode> below = new ArrayDeque<>();
        cancellation.beginMembers(scope, below);
        cancellation.begin(below);
        cancellation.cancelAll();
    }

    // ---- first: all scopes begin to end ----

    private void begin(Deque<ScopeNode> below) {
        for (ScopeNode scope = below.poll(); scope != null; scope = below.poll()) {
            cancelled.add(scope);
            // The canceller is counted in: nothing follows from this.
            Admission.beginEnding(scope);
            // Before the members are read: see the one in TaskRun.
            VarHandle.fullFence();
            targets.add(scope);
            beginMembers(scope, below);
        }
    }

    private void beginMembers(ScopeNode scope, Deque<ScopeNode> below) {
        for (Node member : Members.of(scope)) {
            if (member instanceof ScopeNode child) {
                if (!child.isShield()
                        && ScopeEnd.begin(
                                child, CancelCause.of(CancelReason.PARENT, null, null, child.engine.nanoTime()))) {
                    below.add(child);
                }
            } else {
                targets.add(member);
            }
        }
    }

    // ---- second: bodies and tasks are cancelled ----

    private void cancelAll() {
        TimeSource.Alarm takeOver =
                isToBeTakenOver() ? SystemTimeSource.INSTANCE.schedule(PATIENCE_NANOS, this::takeOver) : null;
        cancelTargets();
        if (takeOver != null) {
            takeOver.cancel();
        }
    }

    /** Returns whether something comes after a thread that is to be cancelled: an alarm for nothing may wake its thread. */
    private boolean isToBeTakenOver() {
        for (int i = 0; i < targets.size() - 1; i++) {
            Node node = targets.get(i);
            if (!node.isCodeEnded() && !(node instanceof ScopeNode scope && scope.shared)) {
                return true;
            }
        }
        return false;
    }

    /** The interrupt of a thread takes long. */
    private void takeOver() {
        if (!finished.get()) {
            alarm();
            watchCancelled();
            cancelTargets();
        }
    }

    /** For the takeover; null if no timer can be had, and then this thread has to do. */
    private TimeSource.@Nullable Alarm alarm() {
        try {
            return SystemTimeSource.INSTANCE.schedule(PATIENCE_NANOS, this::takeOver);
        } catch (Throwable e) {
            return null;
        }
    }

    private void cancelTargets() {
        List<TaskNode<?>> leaving = new ArrayList<>();
        List<ScopeNode> bodies = new ArrayList<>(1);
        ScopeNode of = null;
        for (Node node = poll(); node != null; node = poll()) {
            if (node instanceof ScopeNode scope) {
                cancelBody(scope, bodies);
            } else {
                TaskNode<?> task = (TaskNode<?>) node;
                if (of != task.scope) {
                    watch(of, leaving);
                    of = task.scope;
                }
                cancelTask(task, leaving);
            }
        }
        watch(of, leaving);
        bodies.forEach(scope -> Stragglers.watchBody(scope, atNanos));
        finish();
    }

    private @Nullable Node poll() {
        int i = next.getAndIncrement();
        return i < targets.size() ? targets.get(i) : null;
    }

    /** Watches the tasks that were cancelled by a thread which has not come to watch them. */
    private void watchCancelled() {
        for (Node node : targets) {
            if (node instanceof TaskNode<?> task && task.isCancelRequested() && task.cancelledAtNanos() == 0) {
                Stragglers.watch(task.scope, List.of(task), atNanos);
            }
        }
    }

    private static void cancelBody(ScopeNode scope, List<ScopeNode> leaving) {
        if (InterruptAccount.cancel(scope)) {
            leaving.add(scope);
        }
        scope.callHooks();
        BoundFrame.wakeWaiting(scope);
        if (scope.queue != null) {
            scope.queue.wakeWatchers();
        }
    }

    private void cancelTask(TaskNode<?> task, List<TaskNode<?>> leaving) {
        switch (TaskFinish.beginCancel(task)) {
            case ENDED -> ended.add(task);
            case RUNS_ON -> leaving.add(task);
            case NOTHING -> {}
        }
    }

    private void watch(@Nullable ScopeNode scope, List<TaskNode<?>> leaving) {
        if (scope != null) {
            Stragglers.watch(scope, leaving, atNanos);
            leaving.clear();
        }
    }

    // ---- third: the thread that finds all cancelled notifies others ----

    private void finish() {
        Throwable failure = null;
        for (TaskNode<?> task = ended.poll(); task != null; task = ended.poll()) {
            TaskNode<?> last = task;
            failure = attempt(() -> TaskFinish.endCancelled(last), failure);
        }
        if (finished.compareAndSet(false, true)) {
            failure = notifyOthers(failure);
        }
        if (failure != null) {
            throw TaskFailures.<RuntimeException>sneaky(failure);
        }
    }

    private @Nullable Throwable notifyOthers(@Nullable Throwable first) {
        Throwable failure = first;
        ScopeSnapshot was = unfinished;
        if (was != null) {
            failure = attempt(() -> cancelled.get(0).engine.observers.scopeUnfinished(cancelled.get(0), was), failure);
        }
        for (ScopeNode scope : cancelled) {
            failure = attempt(() -> scope.engine.observers.scopeCancelled(scope), failure);
            ScopeEnd.countOutLost(scope);
            ScopeEnd.countOut(scope, /* awaited= */ false);
        }
        return failure;
    }

    /** Runs code that may call the application's; other scopes are still to come to their ends. */
    private static @Nullable Throwable attempt(Runnable call, @Nullable Throwable failure) {
        try {
            call.run();
        } catch (Throwable e) {
            if (failure == null) {
                return e;
            }
            Throwables.suppress(failure, e);
        }
        return failure;
    }
}
