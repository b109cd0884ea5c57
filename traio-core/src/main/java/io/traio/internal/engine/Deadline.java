// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.internal.Nanos;
import io.traio.spi.CancelReason;
import io.traio.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The moment at which a scope's timeout will have passed, with the alarm for it. */
final class Deadline implements Runnable {

    private static final VarHandle DEADLINE;

    static {
        try {
            DEADLINE = MethodHandles.lookup().findVarHandle(ScopeRecordFields.class, "deadline", Deadline.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int MAX_NAMES = 32;

    private final ScopeNode scope;
    private final Duration timeout;
    private final long atNanos;
    private final boolean byDefault;
    private volatile TimeSource.@Nullable Alarm alarm;

    private Deadline(ScopeNode scope, Duration timeout, long atNanos, boolean byDefault) {
        this.scope = scope;
        this.timeout = timeout;
        this.atNanos = atNanos;
        this.byDefault = byDefault;
    }

    /**
     * Gives the scope a deadline from now, in place of the one it may have had.
     *
     * @param byDefault whether the timeout is its factory's
     */
    static void set(ScopeNode scope, Duration timeout, boolean byDefault) {
        long nanos = Nanos.of(timeout);
        TimeSource time = scope.engine.time;
        Deadline fresh =
                nanos < Nanos.FOREVER ? new Deadline(scope, timeout, time.nanoTime() + nanos, byDefault) : null;
        stop((Deadline) DEADLINE.getAndSet(scope, fresh));
        if (fresh != null) {
            fresh.alarm = time.schedule(nanos, fresh);
            if (scope.deadline != fresh || scope.isDone()) {
                stop(fresh);
            }
        }
    }

    /** The scope has ended: its alarm is cancelled. */
    static void clear(ScopeNode scope) {
        if (scope.deadline != null) {
            stop((Deadline) DEADLINE.getAndSet(scope, null));
        }
    }

    private static void stop(@Nullable Deadline deadline) {
        TimeSource.Alarm alarm = deadline != null ? deadline.alarm : null;
        if (alarm != null) {
            alarm.cancel();
        }
    }

    /** The earliest deadline of the scope and those above, up to a shield; null if there is none. */
    static @Nullable Deadline effective(ScopeNode scope) {
        return earliest(scope.deadline, scope);
    }

    private static @Nullable Deadline earliest(@Nullable Deadline own, ScopeNode scope) {
        Deadline earliest = own;
        for (ScopeNode s = above(scope); s != null; s = above(s)) {
            Deadline other = s.deadline;
            if (other != null && (earliest == null || other.atNanos - earliest.atNanos <= 0)) {
                earliest = other;
            }
        }
        return earliest;
    }

    private static @Nullable ScopeNode above(ScopeNode scope) {
        return scope.isShield() ? null : scope.parent;
    }

    long remainingNanos() {
        return Math.max(0, atNanos - scope.engine.time.nanoTime());
    }

    /**
     * The alarm goes off: the scope with the earliest deadline, from here up, reports its timeout. One that is earlier than
     * this has passed, too; what the scope has for a deadline by now may be another.
     */
    @Override
    public void run() {
        if (scope.deadline == this) {
            Deadline earliest = earliest(this, scope);
            (earliest != null ? earliest : this).pass();
        }
    }

    private void pass() {
        List<TaskNode<?>> unfinished = new ArrayList<>();
        for (ScopeNode s : Members.withAllBelow(scope)) {
            collectUnfinished(s, unfinished);
        }
        CancelCause.Timeout passed = new CancelCause.Timeout(timeout, byDefault, unfinished);
        ScopeEnd.cancel(
                scope, new CancelCause(CancelReason.TIMEOUT, null, null, null, passed, scope.engine.time.nanoTime()));
    }

    private static void collectUnfinished(ScopeNode scope, List<TaskNode<?>> tasks) {
        for (Node member : Members.of(scope)) {
            if (member instanceof TaskNode<?> task && tasks.size() < MAX_NAMES) {
                tasks.add(task);
            }
        }
    }
}
