// SPDX-License-Identifier: Apache-2.0
package io.traio.test.assertj;

import io.traio.Task;
import io.traio.Task.Status;
import io.traio.internal.Nanos;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about a {@link Task}. Made by {@link ScopeAssertions}.
 *
 * <p>To ask for a result or a failure counts as a join: a failure that is kept for whoever joins the task is then not thrown
 * by the exit of the scope.
 *
 * @param <T> type of the result
 */
public final class TaskAssert<T extends @Nullable Object> extends AbstractAssert<TaskAssert<T>, @Nullable Task<T>> {

    TaskAssert(@Nullable Task<T> actual) {
        super(actual, TaskAssert.class);
    }

    /**
     * Verifies the name.
     *
     * @param name the name, as it was given
     * @return this
     */
    public TaskAssert<T> hasName(String name) {
        Task<T> task = task();
        if (!task.name().equals(name)) {
            failWithMessage("%s", "Expected " + task + " to have the name \"" + name + "\"");
        }
        return this;
    }

    /**
     * Verifies the status.
     *
     * @param status the status
     * @return this
     */
    public TaskAssert<T> hasStatus(Status status) {
        Task<T> task = task();
        Status found = task.status();
        if (found != status) {
            failWithMessage(
                    "%s", "Expected " + task + " to be " + status + ", but it was " + found + outcome(task, found));
        }
        return this;
    }

    /** What the task failed with, so that a test that expects a success shows the reason. */
    private static String outcome(Task<?> task, Status found) {
        Throwable failure = found == Status.FAILED ? failureOf(task) : null;
        return failure == null ? "" : " with " + failure;
    }

    /**
     * Verifies that the task has not started.
     *
     * @return this
     */
    public TaskAssert<T> isQueued() {
        return hasStatus(Status.QUEUED);
    }

    /**
     * Verifies that the task runs and was not cancelled.
     *
     * @return this
     */
    public TaskAssert<T> isRunning() {
        return hasStatus(Status.RUNNING);
    }

    /**
     * Verifies that the task was cancelled and has ended.
     *
     * @return this
     */
    public TaskAssert<T> isCancelled() {
        return hasStatus(Status.CANCELLED);
    }

    /**
     * Verifies that the task was cancelled and still runs after its grace period.
     *
     * @return this
     */
    public TaskAssert<T> isStraggling() {
        return hasStatus(Status.STRAGGLING);
    }

    /**
     * Verifies that the task has ended with a result, whatever that is.
     *
     * @return this
     */
    public TaskAssert<T> hasSucceeded() {
        return hasStatus(Status.SUCCEEDED);
    }

    /**
     * Verifies that the task has ended with this result.
     *
     * @param result an equal result; may be null
     * @return this
     */
    public TaskAssert<T> hasResult(@Nullable Object result) {
        hasSucceeded();
        Task<T> task = task();
        T found = task.join();
        if (!Objects.deepEquals(found, result)) {
            throw failureWithActualExpected(
                    found, result, "%s", "Expected " + task + " to return " + result + ", but that was " + found);
        }
        return this;
    }

    /**
     * Verifies that the task has failed.
     *
     * @return assertions about what it has failed with, the very exception that it has thrown
     */
    public AbstractThrowableAssert<?, ? extends Throwable> hasFailureThat() {
        hasStatus(Status.FAILED);
        return Assertions.assertThat(failureOf(task())).as(descriptionText());
    }

    /**
     * Waits until the task has ended, however it ends, and verifies that this comes in time. Neither joins the task nor takes
     * its failure over.
     *
     * @param patience how long to wait at most, in real time
     * @return this
     */
    public TaskAssert<T> endsWithin(Duration patience) {
        Task<T> task = task();
        if (!Patience.await(task::isDone, patience)) {
            failWithMessage(
                    "%s",
                    "Expected " + task + " to end within " + Nanos.text(patience) + ", but it was " + task.status());
        }
        return this;
    }

    private static @Nullable Throwable failureOf(Task<?> task) {
        try {
            task.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while asking " + task + " for its failure", e);
        }
    }

    private Task<T> task() {
        isNotNull();
        return Objects.requireNonNull(actual);
    }
}
