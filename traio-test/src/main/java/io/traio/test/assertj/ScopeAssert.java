// SPDX-License-Identifier: Apache-2.0
package io.traio.test.assertj;

import io.traio.Scope;
import io.traio.Scope.State;
import io.traio.internal.Nanos;
import io.traio.test.ScopeTree;
import java.time.Duration;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions about a {@link Scope}. Made by {@link ScopeAssertions}. */
public final class ScopeAssert extends AbstractAssert<ScopeAssert, @Nullable Scope> {

    ScopeAssert(@Nullable Scope actual) {
        super(actual, ScopeAssert.class);
    }

    /**
     * Verifies the name.
     *
     * @param name the name, as it was given
     * @return this
     */
    public ScopeAssert hasName(String name) {
        Scope scope = scope();
        if (!scope.name().equals(name)) {
            fail(scope, "to have the name \"" + name + "\"");
        }
        return this;
    }

    /**
     * Verifies the state.
     *
     * @param state the state
     * @return this
     */
    public ScopeAssert hasState(State state) {
        Scope scope = scope();
        State found = scope.state();
        if (found != state) {
            fail(scope, "to be " + state + ", but it was " + found);
        }
        return this;
    }

    /**
     * Verifies that the scope has ended and nothing of it runs.
     *
     * @return this
     */
    public ScopeAssert isClosed() {
        return hasState(State.CLOSED);
    }

    /**
     * Verifies that the scope takes tasks.
     *
     * @return this
     */
    public ScopeAssert isOpen() {
        return hasState(State.OPEN);
    }

    /**
     * Verifies that the scope was cancelled, by whatever.
     *
     * @return this
     */
    public ScopeAssert isCancelled() {
        Scope scope = scope();
        if (!scope.isCancelled()) {
            fail(scope, "to be cancelled");
        }
        return this;
    }

    /**
     * Verifies that the scope was not cancelled.
     *
     * @return this
     */
    public ScopeAssert isNotCancelled() {
        Scope scope = scope();
        if (scope.isCancelled()) {
            fail(scope, "not to be cancelled");
        }
        return this;
    }

    /**
     * Verifies which scope this one is a child of.
     *
     * @param parent the parent
     * @return this
     */
    public ScopeAssert hasParent(Scope parent) {
        Scope scope = scope();
        Scope found = scope.parent().orElse(null);
        if (!Objects.equals(found, parent)) {
            fail(
                    scope,
                    "to be a child of " + parent + ", but " + (found == null ? "it is a root" : "that was " + found));
        }
        return this;
    }

    /**
     * Verifies that the scope has no parent.
     *
     * @return this
     */
    public ScopeAssert isRoot() {
        Scope scope = scope();
        scope.parent().ifPresent(parent -> fail(scope, "to be a root, but it is a child of " + parent));
        return this;
    }

    /**
     * Verifies how much time is left until the earliest deadline of the scope and the scopes above. With a test clock that is
     * exact.
     *
     * @param remaining the time left
     * @return this
     */
    public ScopeAssert hasRemaining(Duration remaining) {
        Scope scope = scope();
        Duration found = scope.remaining().orElse(null);
        if (!remaining.equals(found)) {
            fail(
                    scope,
                    "to have " + Nanos.text(remaining) + " left, but "
                            + (found == null ? "it has no deadline" : "that was " + Nanos.text(found)));
        }
        return this;
    }

    /**
     * Verifies that neither the scope nor one above it has a deadline.
     *
     * @return this
     */
    public ScopeAssert hasNoDeadline() {
        Scope scope = scope();
        scope.remaining()
                .ifPresent(left -> fail(scope, "to have no deadline, but it has " + Nanos.text(left) + " left"));
        return this;
    }

    /**
     * Verifies which tasks live directly in the scope.
     *
     * @param names the names of all of them, in any order
     * @return this
     */
    public ScopeAssert hasTasks(String... names) {
        snapshot().hasTasks(names);
        return this;
    }

    /**
     * Verifies which child scopes live directly in the scope.
     *
     * @param names the names of all of them, in any order
     * @return this
     */
    public ScopeAssert hasChildren(String... names) {
        snapshot().hasChildren(names);
        return this;
    }

    /**
     * Waits until nothing of the scope runs any more, stragglers included, and verifies that this comes in time. Neither
     * completes nor joins the scope.
     *
     * @param patience how long to wait at most, in real time
     * @return this
     */
    public ScopeAssert endsWithin(Duration patience) {
        Scope scope = scope();
        if (!Patience.await(() -> scope.state() == State.CLOSED, patience)) {
            fail(scope, "to end within " + Nanos.text(patience) + ", but it was " + scope.state());
        }
        return this;
    }

    /**
     * Goes on with what lives in the scope now.
     *
     * @return assertions about a new snapshot
     */
    public ScopeSnapshotAssert snapshot() {
        return new ScopeSnapshotAssert(scope().snapshot()).as(descriptionText());
    }

    private Scope scope() {
        isNotNull();
        return Objects.requireNonNull(actual);
    }

    private void fail(Scope scope, String expectation) {
        failWithMessage("%s", "Expected " + scope + " " + expectation + ":\n" + ScopeTree.of(scope.snapshot()));
    }
}
