// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tasks of a scope that were cancelled and did not end in time. One alarm at a time, for the earliest; when
 * stragglers are all that is left in a scope that ends, the scope is done without them.
 */
final class Stragglers {

    private static final long NONE = Long.MAX_VALUE;

    private final ScopeNode scope;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong nextCheck = new AtomicLong(NONE);
    private volatile TimeSource.@Nullable Alarm alarm;

    Stragglers(ScopeNode scope) {
        this.scope = scope;
    }

    /** A running task was cancelled. */
    void watch(TaskNode<?> task) {
        long now = scope.engine.time.nanoTime();
        task.cancelledAtNanos = now;
        checkIn(cancelNanos(task), now);
    }

    /** A straggler has ended after all. */
    void ended(TaskNode<?> task) {
        count.decrementAndGet();
        scope.engine.observers.stragglerEnded(task);
    }

    private void checkIn(long delayNanos, long now) {
        if (delayNanos >= Deadline.FOREVER_NANOS) {
            return;
        }
        long at = now + delayNanos;
        long next = nextCheck.get();
        while (next == NONE || at - next < 0) {
            if (nextCheck.compareAndSet(next, at)) {
                alarm = scope.engine.time.schedule(delayNanos, this::check);
                if (scope.isDone()) {
                    stop();
                }
                return;
            }
            next = nextCheck.get();
        }
    }

    /** The scope has ended, nobody has to be watched any more. */
    void stop() {
        TimeSource.Alarm current = alarm;
        if (current != null) {
            current.cancel();
        }
    }

    private void check() {
        nextCheck.set(NONE);
        long now = scope.engine.time.nanoTime();
        for (Node member : scope.members.snapshot()) {
            if (member instanceof TaskNode<?> task && task.cancelledAtNanos != 0 && !task.isStraggler()) {
                long left = task.cancelledAtNanos + cancelNanos(task) - now;
                if (left > 0) {
                    checkIn(left, now);
                } else if (task.tryMarkStraggler()) {
                    count.incrementAndGet();
                    scope.engine.observers.taskStraggling(task);
                    if (task.options().awaited()) {
                        scope.releaseAwaited();
                    }
                }
            }
        }
        giveUpIfOnlyStragglersAreLeft();
    }

    void giveUpIfOnlyStragglersAreLeft() {
        if (count.get() > 0 && scope.isEnding() && count.get() >= scope.liveMembers()) {
            scope.giveUp();
        }
    }

    /** The tasks that straggle now. */
    List<TaskNode<?>> list() {
        List<TaskNode<?>> tasks = new ArrayList<>();
        if (count.get() > 0) {
            for (Node member : scope.members.snapshot()) {
                if (member instanceof TaskNode<?> task && task.isStraggler()) {
                    tasks.add(task);
                }
            }
        }
        return tasks;
    }

    private long cancelNanos(TaskNode<?> task) {
        Duration own = task.options().cancelTimeout();
        return Deadline.nanos(own != null ? own : scope.options.cancelTimeout());
    }
}
