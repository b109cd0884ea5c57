// SPDX-License-Identifier: Apache-2.0
package io.traio.test.assertj;

import io.traio.ScopeSnapshot.TaskSnapshot;
import io.traio.Task.Status;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about a {@link TaskSnapshot}. Made by {@link ScopeAssertions}. */
public final class TaskSnapshotAssert extends AbstractAssert<TaskSnapshotAssert, @Nullable TaskSnapshot> {

    TaskSnapshotAssert(@Nullable TaskSnapshot actual) {
        super(actual, TaskSnapshotAssert.class);
    }

    /**
     * Verifies the name of the task.
     *
     * @param name the name, as it was given
     * @return this
     */
    public TaskSnapshotAssert hasName(String name) {
        return verify(task().name().equals(name), "to have the name \"" + name + "\"");
    }

    /**
     * Verifies the status of the task.
     *
     * @param status the status
     * @return this
     */
    public TaskSnapshotAssert hasStatus(Status status) {
        return verify(task().status() == status, "to be " + status + ", but it was " + task().status());
    }

    /**
     * Verifies that the task had not started.
     *
     * @return this
     */
    public TaskSnapshotAssert isQueued() {
        return hasStatus(Status.QUEUED);
    }

    /**
     * Verifies that the task ran and was not cancelled.
     *
     * @return this
     */
    public TaskSnapshotAssert isRunning() {
        return hasStatus(Status.RUNNING);
    }

    /**
     * Verifies that the task was cancelled and still ran after its grace period.
     *
     * @return this
     */
    public TaskSnapshotAssert isStraggling() {
        return hasStatus(Status.STRAGGLING);
    }

    private TaskSnapshotAssert verify(boolean holds, String expectation) {
        if (!holds) {
            failWithMessage("%s", "Expected task " + task().displayName() + " " + expectation);
        }
        return this;
    }

    private TaskSnapshot task() {
        isNotNull();
        return Objects.requireNonNull(actual);
    }
}
