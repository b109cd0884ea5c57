// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/** Holds the engine to what {@link ScopeListener} promises about the number and the order of its calls. */
final class Audit implements ScopeListener {

    private enum Step {
        OPENED,
        CANCELLED,
        CLOSED,
        SPAWNED,
        STARTED,
        ENDED,
        STRAGGLING,
        STRAGGLER_ENDED,
        ABANDONED,
        ABANDONED_ENDED
    }

    private final Map<Object, AtomicIntegerArray> counts = new ConcurrentHashMap<>();
    private final Queue<String> faults = new ConcurrentLinkedQueue<>();

    @Override
    public void scopeOpened(Scope scope) {
        count(scope, Step.OPENED);
    }

    @Override
    public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
        count(scope, Step.CANCELLED);
    }

    @Override
    public void scopeClosed(Scope scope, ScopeOutcome outcome) {
        count(scope, Step.CLOSED);
    }

    @Override
    public void taskSpawned(Task<?> task) {
        count(task, Step.SPAWNED);
        require(task.scope(), Step.CLOSED, 0, "is reported as ended, and takes " + task);
    }

    @Override
    public void taskStarted(Task<?> task, long waitNanos) {
        count(task, Step.STARTED);
        if (waitNanos < 0) {
            faults.add(task + " waited " + waitNanos + " ns");
        }
        if (task.status() == Task.Status.QUEUED) {
            faults.add(task + " is reported as started, but is queued");
        }
    }

    @Override
    public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
        count(task, Step.ENDED);
        if (runNanos < 0) {
            faults.add(task + " ran " + runNanos + " ns");
        }
        if (!task.isDone()) {
            faults.add(task + " is reported as ended, but is not done");
        }
    }

    @Override
    public void taskStraggling(Task<?> task) {
        count(task, Step.STRAGGLING);
    }

    @Override
    public void stragglerEnded(Task<?> task) {
        count(task, Step.STRAGGLER_ENDED);
        require(task, Step.STRAGGLING, 1, "is no straggler");
    }

    @Override
    public void taskAbandoned(Task<?> task) {
        count(task, Step.ABANDONED);
    }

    @Override
    public void abandonedEnded(Task<?> task) {
        count(task, Step.ABANDONED_ENDED);
        require(task, Step.ABANDONED, 1, "was not abandoned");
    }

    /** Waits until everything that began has ended; fails if it does not, or if a call came too often or too early. */
    void verify() {
        Blocking.until(
                "every scope is closed, every task has ended, and listeners were notified: " + unfinished(), () -> {
                    String first = unfinished();
                    return first.isEmpty();
                });
        assertThat(faults).as("what listeners were notified").isEmpty();
    }

    private String unfinished() {
        StringBuilder text = new StringBuilder();
        counts.forEach((subject, seen) -> {
            if (seen.get(Step.OPENED.ordinal()) != seen.get(Step.CLOSED.ordinal())
                    || seen.get(Step.SPAWNED.ordinal()) != seen.get(Step.ENDED.ordinal())
                    || seen.get(Step.STRAGGLING.ordinal()) != seen.get(Step.STRAGGLER_ENDED.ordinal())
                    || seen.get(Step.ABANDONED.ordinal()) != seen.get(Step.ABANDONED_ENDED.ordinal())) {
                if (text.length() < 1_000) {
                    text.append(subject).append(' ').append(seen).append("; ");
                }
            }
        });
        return text.toString();
    }

    private void count(Object subject, Step step) {
        AtomicIntegerArray seen =
                counts.computeIfAbsent(subject, unseen -> new AtomicIntegerArray(Step.values().length));
        if (seen.incrementAndGet(step.ordinal()) > 1) {
            faults.add(subject + ": " + step + " more than once");
        }
    }

    private void require(Object subject, Step step, int times, String otherwise) {
        AtomicIntegerArray seen = counts.get(subject);
        if ((seen != null ? seen.get(step.ordinal()) : 0) != times) {
            faults.add(subject + " " + otherwise);
        }
    }
}
