// SPDX-License-Identifier: Apache-2.0
package io.traio.test.assertj;

import io.traio.Scope.State;
import io.traio.ScopeSnapshot;
import io.traio.ScopeSnapshot.TaskSnapshot;
import io.traio.Task.Status;
import io.traio.test.ScopeTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about a {@link ScopeSnapshot}. Made by {@link ScopeAssertions}. */
public final class ScopeSnapshotAssert extends AbstractAssert<ScopeSnapshotAssert, @Nullable ScopeSnapshot> {

    ScopeSnapshotAssert(@Nullable ScopeSnapshot actual) {
        super(actual, ScopeSnapshotAssert.class);
    }

    /**
     * Verifies the name of the scope.
     *
     * @param name the name, as it was given
     * @return this
     */
    public ScopeSnapshotAssert hasName(String name) {
        return verify(snapshot().name().equals(name), "to have the name \"" + name + "\"");
    }

    /**
     * Verifies what the scope is.
     *
     * @param kind {@code scope}, or the operator that opened it
     * @return this
     */
    public ScopeSnapshotAssert hasKind(String kind) {
        return verify(snapshot().kind().equals(kind), "to be of the kind \"" + kind + "\"");
    }

    /**
     * Verifies the state of the scope.
     *
     * @param state the state
     * @return this
     */
    public ScopeSnapshotAssert hasState(State state) {
        return verify(snapshot().state() == state, "to be " + state);
    }

    /**
     * Verifies why the scope was cancelled.
     *
     * @param why as {@link ScopeSnapshot#cancelled()} says it, such as {@code explicit: client went away}
     * @return this
     */
    public ScopeSnapshotAssert isCancelled(String why) {
        return verify(why.equals(snapshot().cancelled()), "to be cancelled (" + why + ")");
    }

    /**
     * Verifies that the scope was not cancelled.
     *
     * @return this
     */
    public ScopeSnapshotAssert isNotCancelled() {
        return verify(snapshot().cancelled() == null, "not to be cancelled");
    }

    /**
     * Verifies which tasks lived directly in the scope.
     *
     * @param names the names of all of them, in any order
     * @return this
     */
    public ScopeSnapshotAssert hasTasks(String... names) {
        return hasOnly("tasks", names, snapshot().tasks(), TaskSnapshot::name);
    }

    /**
     * Verifies which child scopes lived directly in the scope.
     *
     * @param names the names of all of them, in any order
     * @return this
     */
    public ScopeSnapshotAssert hasChildren(String... names) {
        return hasOnly("children", names, snapshot().children(), ScopeSnapshot::name);
    }

    private <E> ScopeSnapshotAssert hasOnly(String what, String[] names, List<E> found, Function<E, String> name) {
        List<String> missing = new ArrayList<>(Arrays.asList(names));
        List<String> others = new ArrayList<>();
        found.stream().map(name).filter(each -> !missing.remove(each)).forEach(others::add);
        return verify(
                missing.isEmpty() && others.isEmpty(),
                "to have the " + what + " " + Arrays.asList(names) + ", but " + missing + " were missing, and " + others
                        + " were there");
    }

    /**
     * Verifies that no task and no body straggled, in this scope and in all below.
     *
     * @return this
     */
    public ScopeSnapshotAssert hasNoStragglers() {
        return verify(!straggles(snapshot()), "to have no stragglers");
    }

    private static boolean straggles(ScopeSnapshot scope) {
        return scope.straggling()
                || scope.tasks().stream().anyMatch(task -> task.status() == Status.STRAGGLING)
                || scope.children().stream().anyMatch(ScopeSnapshotAssert::straggles);
    }

    /**
     * Goes on with a task that lived directly in the scope.
     *
     * @param name its name, which one task at least must have; of several the first is taken
     * @return assertions about the task
     */
    public TaskSnapshotAssert task(String name) {
        TaskSnapshot task = first(snapshot().tasks(), TaskSnapshot::name, name);
        verify(task != null, "to have a task \"" + name + "\"");
        return new TaskSnapshotAssert(task).as(descriptionText());
    }

    /**
     * Goes on with a child scope that lived directly in the scope.
     *
     * @param name its name, which one child at least must have; of several the first is taken
     * @return assertions about the child
     */
    public ScopeSnapshotAssert child(String name) {
        ScopeSnapshot child = first(snapshot().children(), ScopeSnapshot::name, name);
        verify(child != null, "to have a child \"" + name + "\"");
        return new ScopeSnapshotAssert(child).as(descriptionText());
    }

    private static <E> @Nullable E first(List<E> list, Function<E, String> name, String wanted) {
        for (E element : list) {
            if (name.apply(element).equals(wanted)) {
                return element;
            }
        }
        return null;
    }

    private ScopeSnapshotAssert verify(boolean holds, String expectation) {
        if (!holds) {
            failWithMessage(
                    "%s",
                    "Expected scope " + snapshot().displayName() + " " + expectation + ":\n"
                            + ScopeTree.of(snapshot()));
        }
        return this;
    }

    private ScopeSnapshot snapshot() {
        isNotNull();
        return Objects.requireNonNull(actual);
    }
}
