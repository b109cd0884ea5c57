// SPDX-License-Identifier: Apache-2.0
package io.traio.test.assertj;

import io.traio.Scope;
import io.traio.ScopeSnapshot;
import io.traio.ScopeSnapshot.TaskSnapshot;
import io.traio.Task;
import org.jspecify.annotations.Nullable;

/**
 * Entry points of the assertions. Imported statically, they stand beside AssertJ's own {@code assertThat}.
 *
 * <pre>{@code
 * assertThat(scope).isCancelled().hasTasks("alpha", "beta");
 * assertThat(task).endsWithin(ofSeconds(5)).hasFailureThat().isInstanceOf(IOException.class);
 * assertThat(scope.snapshot()).child("details").task("hotel").isRunning();
 * }</pre>
 *
 * <p>An assertion about a scope or a task looks at the moment at which it is called; only those named {@code endsWithin} wait.
 * When one about a scope or a snapshot fails, its message shows the tree.
 */
public final class ScopeAssertions {

    private ScopeAssertions() {}

    /**
     * Begins assertions about a scope.
     *
     * @param actual the scope
     * @return the assertions
     */
    public static ScopeAssert assertThat(@Nullable Scope actual) {
        return new ScopeAssert(actual);
    }

    /**
     * Begins assertions about a task.
     *
     * @param <T> type of its result
     * @param actual the task
     * @return the assertions
     */
    public static <T extends @Nullable Object> TaskAssert<T> assertThat(@Nullable Task<T> actual) {
        return new TaskAssert<>(actual);
    }

    /**
     * Begins assertions about what lived in a scope.
     *
     * @param actual the snapshot
     * @return the assertions
     */
    public static ScopeSnapshotAssert assertThat(@Nullable ScopeSnapshot actual) {
        return new ScopeSnapshotAssert(actual);
    }

    /**
     * Begins assertions about what was known of a task.
     *
     * @param actual the snapshot
     * @return the assertions
     */
    public static TaskSnapshotAssert assertThat(@Nullable TaskSnapshot actual) {
        return new TaskSnapshotAssert(actual);
    }
}
