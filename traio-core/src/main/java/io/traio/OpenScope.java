// SPDX-License-Identifier: Apache-2.0
package io.traio;

/**
 * A scope that is joined and closed by hand: the result of {@link ScopeOpener#open open}
 * and {@link ScopeOpener#openShared openShared}.
 *
 * <pre>{@code
 * try (OpenScope scope = scopes.open("mirror")) {
 *     scope.spawn("a", () -> copy(a));
 *     scope.spawn("b", () -> copy(b));
 *     scope.join();
 * }
 * }</pre>
 *
 * <p>One from {@code open} is confined to the thread that opened it: only that thread may join and close it, and what
 * the thread does between open and join counts as the body, which cancellation interrupts. One from {@code openShared}
 * may be joined and closed by any thread that is not inside it.
 */
public interface OpenScope extends Scope, AutoCloseable {

    /**
     * Completes the scope, waits until it has ended, and throws what it failed with. A second join has the same result.
     *
     * @throws IllegalStateException if this thread does not own a confined scope, or is inside a shared one and would
     *     wait for itself
     * @throws ScopeFailedException if a task failed with a checked exception; unchecked exceptions and errors are thrown
     *     as they are
     * @throws ScopeTimeoutException if the scope's timeout has passed
     * @throws ScopeCancelledException if the scope was cancelled together with its parent
     * @throws ScopeInterruptedException if this thread was interrupted from outside; this cancels a confined scope
     * @throws StragglerException if a cancelled task did not end within its grace period
     */
    void join();

    /**
     * Ends the scope: cancels what still runs and waits for it. Idempotent.
     *
     * <p>A confined scope is to be joined first. If it was not, and tasks were left, they are cancelled and waited for,
     * and this method throws an exception that says so. It never throws the failure of a task or the cause of a cancel
     * itself: that may be the exception which leaves the try block, and Java could not suppress it by itself. What a join on
     * this thread has thrown is not thrown again. A shared scope is stopped by closing it; a failure that no thread
     * has awaited is reported.
     *
     * @throws IllegalStateException if this thread does not own a confined scope, or is inside a shared one; if tasks
     *     were left in a confined scope that was not joined; if a scope that was opened later on this thread is still
     *     open (it is cancelled and closed)
     * @throws ScopeFailedException if a confined scope was not joined and had failed; the failure is the cause
     * @throws ScopeTimeoutException if a confined scope was not joined and its timeout has passed
     * @throws ScopeCancelledException if a confined scope was not joined and was cancelled together with its parent
     * @throws ScopeInterruptedException if a confined scope was not joined and its owner was interrupted from outside
     * @throws StragglerException if a cancelled task did not end within its grace period, and no join has thrown this
     */
    @Override
    void close();
}
