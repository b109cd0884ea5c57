// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.engine.Engines;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Opens scopes, and lists those that live. An application needs one; in Spring it is a bean.
 *
 * <pre>{@code
 * ScopeFactory scopes = ScopeFactory.create();
 *
 * Quote best = scopes.call("quotes", s -> s.withTimeout(ofMillis(800)), scope -> {
 *     Task<Quote> a = scope.spawn("alpha", () -> alpha.quote(route));
 *     Task<Quote> b = scope.spawn("beta", () -> beta.quote(route));
 *     return Quote.cheaper(a.join(), b.join());
 * });
 * }</pre>
 *
 * <p>Thread-safe.
 */
public interface ScopeFactory extends ScopeOpener, AutoCloseable {

    /**
     * Returns a new factory with default options: a virtual thread for each task where the JDK has them (21 and later), pooled
     * platform threads otherwise.
     *
     * @return a new factory
     */
    static ScopeFactory create() {
        return create(UnaryOperator.identity());
    }

    /**
     * Returns a new factory.
     *
     * @param options from {@link FactoryOptions#DEFAULT} to this factory's options
     * @return a new factory
     * @throws NullPointerException if the function or its result is null
     */
    static ScopeFactory create(UnaryOperator<FactoryOptions> options) {
        FactoryOptions chosen = Objects.requireNonNull(options, "options").apply(FactoryOptions.DEFAULT);
        return Engines.create(Objects.requireNonNull(chosen, "result of options"));
    }

    /**
     * Returns the root scopes that live now, and scopes in which a straggler still runs, in the order of their opening.
     * {@link Scope#snapshot()} says what is in each.
     *
     * @return a new list
     */
    List<Scope> scopes();

    /**
     * Returns a scope that lives now, a root or a descendant.
     *
     * @param id the id of the scope
     * @return the scope; empty if none that lives has this id
     */
    Optional<Scope> find(long id);

    /**
     * Returns how many tasks were {@linkplain TaskOptions#abandonOnCancel() abandoned} and still run.
     *
     * @return the number of such threads
     */
    int abandoned();

    /**
     * Refuses new root scopes from now on, and gives those that live some time to end by themselves. Those that are
     * {@linkplain ScopeOptions#endless() endless} are not waited for: {@link #close()} cancels them.
     *
     * @param timeout how long to wait; zero or less does not wait
     * @return whether all have ended
     * @throws NullPointerException if the timeout is null
     * @throws IllegalStateException if this thread is inside one of the scopes, which then could never end
     * @throws ScopeInterruptedException if this thread was interrupted
     * @throws ScopeCancelledException if this thread belongs to a scope or task that is cancelled
     */
    boolean drain(Duration timeout);

    /**
     * Refuses new root scopes, cancels those that live, and waits until they have ended. Stragglers are left behind once
     * their {@link ScopeOptions#cancelTimeout() grace period} is over, and so are, with an error in the log, scopes whose
     * body does not end or whose owner is gone. Shared scopes that have no timeout, are not endless and were never completed
     * are logged as a warning. Both messages name the place where the scope was opened. An executor or thread factory that
     * was given is not touched. Idempotent; a second close does not wait for the first.
     */
    @Override
    void close();
}
