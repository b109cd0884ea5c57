// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.Functions.Function3;
import io.traio.Functions.Function4;
import io.traio.Functions.Function5;
import io.traio.Functions.ThrowingConsumer;
import io.traio.Functions.ThrowingFunction;
import io.traio.internal.Nanos;
import io.traio.internal.operators.Discards;
import io.traio.internal.operators.FirstEnded;
import io.traio.internal.operators.OperatorScope;
import io.traio.internal.operators.Pull;
import io.traio.internal.operators.Together;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The usual ways to combine tasks, each in one line: {@code race}, {@code hedge}, {@code firstCompleted}, {@code all}, {@code
 * mapAll}, {@code forEach}.
 *
 * <pre>{@code
 * Quote fastest = Operators.on(scopes).race(() -> alpha.quote(route), () -> beta.quote(route));
 * Trip trip = Operators.on(scopes).all(() -> flights.find(id), () -> hotels.find(id), Trip::new);
 * List<Page> pages = Operators.on(scopes).mapAll(urls, 10, this::fetch);
 * }</pre>
 *
 * <p>Each call opens a child scope of its own, named after the operator, runs the tasks in it, and waits until all of them
 * have ended, also those whose result nobody needs any more: these are cancelled. The child follows all rules of a scope. It
 * throws what {@link ScopeOpener#call(String, UnaryOperator, ScopeOpener.Body) call} throws: the failure of a task, as the same
 * instance if it is unchecked; {@link ScopeTimeoutException}, {@link ScopeCancelledException}, {@link
 * ScopeInterruptedException}; and {@link StragglerException} if a task does not end within its grace period, even where a
 * result is there.
 *
 * <p>Immutable and thread-safe. A null argument, or a null task in a collection, gives a {@link NullPointerException}, and
 * nothing is started.
 */
public final class Operators {

    private final ScopeOpener opener;
    private final @Nullable String name;
    private final UnaryOperator<ScopeOptions> options;
    private final Discards.Hooks hooks;

    private Operators(
            ScopeOpener opener, @Nullable String name, UnaryOperator<ScopeOptions> options, Discards.Hooks hooks) {
        this.opener = opener;
        this.name = name;
        this.options = options;
        this.hooks = hooks;
    }

    /**
     * Returns operators whose scopes are opened by a factory, below the scope that is current then, or by the fork of a
     * scope.
     *
     * @param opener a {@link ScopeFactory}, or the {@link Scope#fork() fork} of a scope
     * @return the operators
     */
    public static Operators on(ScopeOpener opener) {
        Objects.requireNonNull(opener, "opener");
        return new Operators(opener, null, UnaryOperator.identity(), Discards.Hooks.NONE);
    }

    /**
     * Returns operators whose scopes are children of a scope.
     *
     * @param scope the parent
     * @return the operators
     * @throws IllegalStateException if the scope has ended or is ending
     */
    public static Operators on(Scope scope) {
        return on(scope.fork());
    }

    /**
     * Returns operators whose scopes are children of the scope that is current on this thread now.
     *
     * @return the operators
     * @throws IllegalStateException if this thread is in no scope, or that scope is ending
     */
    public static Operators onCurrent() {
        return on(Scope.requireCurrent());
    }

    /**
     * Returns a copy that gives its scopes another name than that of the operator. What they are shows all the same.
     *
     * @param value name of the scopes
     * @return a changed copy
     */
    public Operators withName(String value) {
        return new Operators(opener, Objects.requireNonNull(value, "name"), options, hooks);
    }

    /**
     * Returns a copy with further changes of the options of its scopes, such as {@code s -> s.withTimeout(ofMillis(800))}.
     * What makes the operator, as the policy of a race, stays.
     *
     * @param change from the options of the scopes to what is wanted
     * @return a changed copy
     */
    public Operators withOptions(UnaryOperator<ScopeOptions> change) {
        Objects.requireNonNull(change, "change");
        return new Operators(opener, name, s -> change.apply(options.apply(s)), hooks);
    }

    /**
     * Returns a copy that does something with each value of a type that a task has returned and no caller gets: that of a
     * loser, or each if the operator throws. Such values are dropped otherwise, also those that could be closed.
     *
     * <pre>{@code
     * Operators.on(scopes).onDiscard(Connection.class, Connection::close).race(this::primary, this::replica);
     * }</pre>
     *
     * <p>It is called once for each value, by the caller of the operator before that returns or throws; for a value that comes
     * later, from a straggler or an abandoned task, by the thread of that task. What it throws is logged. Of several hooks
     * the first that takes the type of the value is called. A value that is the very instance that the caller gets is not
     * discarded.
     *
     * @param <V> type of the values
     * @param type class of the values
     * @param hook what to do with them
     * @return a changed copy
     */
    public <V> Operators onDiscard(Class<V> type, ThrowingConsumer<? super V> hook) {
        return new Operators(opener, name, options, hooks.and(type, hook));
    }

    // ---- one result ----

    /**
     * Runs tasks at once and returns the value of the first that succeeds, null included. The others are cancelled and waited
     * for. A failure does not end the race while others may still win. An {@link Error} does.
     *
     * @param <T> type of the result
     * @param tasks what to do
     * @return the first value
     * @throws IllegalArgumentException if there is no task
     * @throws ScopeFailedException if all tasks failed, the first with a checked exception; an unchecked exception or error
     *     comes out as it is. The other failures are suppressed
     * @throws java.util.concurrent.CancellationException if no task succeeded or failed: each was cancelled by itself
     */
    @SafeVarargs
    public final <T extends @Nullable Object> T race(Callable<? extends T>... tasks) {
        return race(Arrays.asList(tasks));
    }

    /**
     * Runs tasks at once and returns the value of the first that succeeds.
     *
     * @param <T> type of the result
     * @param tasks what to do
     * @return the first value
     * @see #race(Callable[])
     */
    public <T extends @Nullable Object> T race(Collection<? extends Callable<? extends T>> tasks) {
        return first("race", FirstEnded.<T>success(), tasks, null);
    }

    /**
     * Runs a race in which each attempt starts some time after the one before it, or at once when that has failed. So an
     * attempt that is slow gets company, and one that is not costs nothing.
     *
     * @param <T> type of the result
     * @param delay how long an attempt has for itself before the next one starts
     * @param attempts what to do; the same action several times, or one that goes elsewhere
     * @return the first value
     * @throws IllegalArgumentException if there is no attempt, or the delay is negative
     * @see #race(Callable[])
     */
    @SafeVarargs
    public final <T extends @Nullable Object> T hedge(Duration delay, Callable<? extends T>... attempts) {
        requireDelay(delay);
        return hedge(n -> delay, Arrays.asList(attempts));
    }

    /**
     * Runs a race in which each attempt starts some time after the one before it, a time of its own.
     *
     * @param <T> type of the result
     * @param delays asked for the delay before each attempt but the first, when the one before it has started: given how many
     *     have started, which is 1 before the second attempt. A negative delay gives an {@link IllegalArgumentException}
     * @param attempts what to do
     * @return the first value
     * @see #hedge(Duration, Callable[])
     */
    public <T extends @Nullable Object> T hedge(
            IntFunction<Duration> delays, Collection<? extends Callable<? extends T>> attempts) {
        Objects.requireNonNull(delays, "delays");
        return first("hedge", FirstEnded.<T>success(), attempts, n -> requireDelay(delays.apply(n)));
    }

    private static Duration requireDelay(Duration delay) {
        if (Objects.requireNonNull(delay, "delay").isNegative()) {
            throw new IllegalArgumentException(
                    "The delay of a hedge must not be negative, but was " + Nanos.text(delay));
        }
        return delay;
    }

    /**
     * Runs tasks at once and returns the value of the first that ends, or throws its failure. The others are cancelled and
     * waited for.
     *
     * @param <T> type of the result
     * @param tasks what to do
     * @return the value of the task that ended first
     * @throws IllegalArgumentException if there is no task
     * @throws ScopeFailedException if that task failed with a checked exception; an unchecked exception or error comes out as
     *     it is
     * @throws java.util.concurrent.CancellationException if each task was cancelled by itself
     */
    @SafeVarargs
    public final <T extends @Nullable Object> T firstCompleted(Callable<? extends T>... tasks) {
        return firstCompleted(Arrays.asList(tasks));
    }

    /**
     * Runs tasks at once and returns the value of the first that ends, or throws its failure.
     *
     * @param <T> type of the result
     * @param tasks what to do
     * @return the value of the task that ended first
     * @see #firstCompleted(Callable[])
     */
    public <T extends @Nullable Object> T firstCompleted(Collection<? extends Callable<? extends T>> tasks) {
        return first("firstCompleted", FirstEnded.<T>any(), tasks, null);
    }

    private <T extends @Nullable Object> T first(
            String kind,
            FirstEnded<T> first,
            Collection<? extends Callable<? extends T>> tasks,
            @Nullable IntFunction<Duration> delays) {
        return first.of(setting(kind), copy(tasks), delays);
    }

    // ---- all results ----

    /**
     * Runs two tasks at once and combines their results. The first failure cancels the other task and is thrown.
     *
     * @param <A> type of the first result
     * @param <B> type of the second result
     * @param <R> type of what becomes of them
     * @param a the first task
     * @param b the second task
     * @param combine called with the results, on this thread, once both tasks have ended; from then on they are the caller's
     * @return what {@code combine} has returned
     * @throws ScopeFailedException if a task failed with a checked exception; an unchecked exception or error comes out as it
     *     is
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // each result is of the type of its task, null included
    public <A extends @Nullable Object, B extends @Nullable Object, R extends @Nullable Object> R all(
            Callable<? extends A> a, Callable<? extends B> b, BiFunction<? super A, ? super B, ? extends R> combine) {
        Objects.requireNonNull(combine, "combine");
        @Nullable Object[] results = Together.of(setting("all"), copy(Arrays.asList(a, b)));
        return combine.apply((A) results[0], (B) results[1]);
    }

    /**
     * Runs three tasks at once and combines their results.
     *
     * @param <A> type of the first result
     * @param <B> type of the second result
     * @param <C> type of the third result
     * @param <R> type of what becomes of them
     * @param a the first task
     * @param b the second task
     * @param c the third task
     * @param combine called with the results
     * @return what {@code combine} has returned
     * @see #all(Callable, Callable, BiFunction)
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // each result is of the type of its task, null included
    public <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    R extends @Nullable Object>
            R all(
                    Callable<? extends A> a,
                    Callable<? extends B> b,
                    Callable<? extends C> c,
                    Function3<? super A, ? super B, ? super C, ? extends R> combine) {
        Objects.requireNonNull(combine, "combine");
        @Nullable Object[] results = Together.of(setting("all"), copy(Arrays.asList(a, b, c)));
        return combine.apply((A) results[0], (B) results[1], (C) results[2]);
    }

    /**
     * Runs four tasks at once and combines their results.
     *
     * @param <A> type of the first result
     * @param <B> type of the second result
     * @param <C> type of the third result
     * @param <D> type of the fourth result
     * @param <R> type of what becomes of them
     * @param a the first task
     * @param b the second task
     * @param c the third task
     * @param d the fourth task
     * @param combine called with the results
     * @return what {@code combine} has returned
     * @see #all(Callable, Callable, BiFunction)
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // each result is of the type of its task, null included
    public <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    R extends @Nullable Object>
            R all(
                    Callable<? extends A> a,
                    Callable<? extends B> b,
                    Callable<? extends C> c,
                    Callable<? extends D> d,
                    Function4<? super A, ? super B, ? super C, ? super D, ? extends R> combine) {
        Objects.requireNonNull(combine, "combine");
        @Nullable Object[] results = Together.of(setting("all"), copy(Arrays.asList(a, b, c, d)));
        return combine.apply((A) results[0], (B) results[1], (C) results[2], (D) results[3]);
    }

    /**
     * Runs five tasks at once and combines their results.
     *
     * @param <A> type of the first result
     * @param <B> type of the second result
     * @param <C> type of the third result
     * @param <D> type of the fourth result
     * @param <E> type of the fifth result
     * @param <R> type of what becomes of them
     * @param a the first task
     * @param b the second task
     * @param c the third task
     * @param d the fourth task
     * @param e the fifth task
     * @param combine called with the results
     * @return what {@code combine} has returned
     * @see #all(Callable, Callable, BiFunction)
     */
    @SuppressWarnings({"unchecked", "NullAway"}) // each result is of the type of its task, null included
    public <
                    A extends @Nullable Object,
                    B extends @Nullable Object,
                    C extends @Nullable Object,
                    D extends @Nullable Object,
                    E extends @Nullable Object,
                    R extends @Nullable Object>
            R all(
                    Callable<? extends A> a,
                    Callable<? extends B> b,
                    Callable<? extends C> c,
                    Callable<? extends D> d,
                    Callable<? extends E> e,
                    Function5<? super A, ? super B, ? super C, ? super D, ? super E, ? extends R> combine) {
        Objects.requireNonNull(combine, "combine");
        @Nullable Object[] results = Together.of(setting("all"), copy(Arrays.asList(a, b, c, d, e)));
        return combine.apply((A) results[0], (B) results[1], (C) results[2], (D) results[3], (E) results[4]);
    }

    /**
     * Runs any number of tasks at once and returns their results. The first failure cancels the others and is thrown; tasks
     * that have not started by then never do.
     *
     * @param <T> type of the results
     * @param tasks what to do
     * @return the results in the order of the tasks, as an unmodifiable list; empty if there is no task
     * @throws ScopeFailedException if a task failed with a checked exception; an unchecked exception or error comes out as it
     *     is
     */
    public <T extends @Nullable Object> List<T> all(Collection<? extends Callable<? extends T>> tasks) {
        return Together.asList(Together.of(setting("all"), copy(tasks)));
    }

    /**
     * Applies a function to each item, to a number of them at once, each in a task of its own, and returns the results in the
     * order of the items. The first failure cancels the other tasks and is thrown.
     *
     * <p>This thread pulls the items, one at a time, and only when there is room for one more: a source may be long, lazy or
     * tied to its thread. What the source throws is thrown like a failure.
     *
     * @param <T> type of the items
     * @param <R> type of the results
     * @param items the source
     * @param limit how many items may be in work at once
     * @param function what to do with an item
     * @return the results, as an unmodifiable list; empty if there is no item
     * @throws IllegalArgumentException if the limit is zero or negative
     * @throws ScopeFailedException if the function failed with a checked exception; an unchecked exception or error comes out
     *     as it is
     */
    public <T extends @Nullable Object, R extends @Nullable Object> List<R> mapAll(
            Iterable<? extends T> items, int limit, ThrowingFunction<? super T, ? extends R> function) {
        Objects.requireNonNull(items, "items");
        return Pull.<T, R>map(setting("mapAll"), items::iterator, limit, Objects.requireNonNull(function, "function"));
    }

    /**
     * Applies a function to each item that is left in an iterator.
     *
     * @param <T> type of the items
     * @param <R> type of the results
     * @param items the source
     * @param limit how many items may be in work at once
     * @param function what to do with an item
     * @return the results
     * @see #mapAll(Iterable, int, ThrowingFunction)
     */
    public <T extends @Nullable Object, R extends @Nullable Object> List<R> mapAll(
            Iterator<? extends T> items, int limit, ThrowingFunction<? super T, ? extends R> function) {
        Objects.requireNonNull(items, "items");
        return Pull.<T, R>map(setting("mapAll"), () -> items, limit, Objects.requireNonNull(function, "function"));
    }

    /**
     * Applies a function to each item of a stream, which is consumed by that. As other terminal operations, this does not close
     * the stream.
     *
     * @param <T> type of the items
     * @param <R> type of the results
     * @param items the source
     * @param limit how many items may be in work at once
     * @param function what to do with an item
     * @return the results
     * @see #mapAll(Iterable, int, ThrowingFunction)
     */
    public <T extends @Nullable Object, R extends @Nullable Object> List<R> mapAll(
            Stream<? extends T> items, int limit, ThrowingFunction<? super T, ? extends R> function) {
        Objects.requireNonNull(items, "items");
        return Pull.<T, R>map(setting("mapAll"), items::iterator, limit, Objects.requireNonNull(function, "function"));
    }

    /**
     * Does something with each item, with a number of them at once, each in a task of its own. As {@link #mapAll(Iterable, int,
     * ThrowingFunction) mapAll}, without results: needs memory for as many items as are in work.
     *
     * @param <T> type of the items
     * @param items the source
     * @param limit how many items may be in work at once
     * @param action what to do with an item
     * @throws IllegalArgumentException if the limit is zero or negative
     * @throws ScopeFailedException if the action failed with a checked exception; an unchecked exception or error comes out as
     *     it is
     */
    public <T extends @Nullable Object> void forEach(
            Iterable<? extends T> items, int limit, ThrowingConsumer<? super T> action) {
        Objects.requireNonNull(items, "items");
        Pull.<T>each(setting("forEach"), items::iterator, limit, Objects.requireNonNull(action, "action"));
    }

    /**
     * Does something with each item that is left in an iterator.
     *
     * @param <T> type of the items
     * @param items the source
     * @param limit how many items may be in work at once
     * @param action what to do with an item
     * @see #forEach(Iterable, int, ThrowingConsumer)
     */
    public <T extends @Nullable Object> void forEach(
            Iterator<? extends T> items, int limit, ThrowingConsumer<? super T> action) {
        Objects.requireNonNull(items, "items");
        Pull.<T>each(setting("forEach"), () -> items, limit, Objects.requireNonNull(action, "action"));
    }

    /**
     * Does something with each item of a stream, which is consumed by that, but not closed.
     *
     * @param <T> type of the items
     * @param items the source
     * @param limit how many items may be in work at once
     * @param action what to do with an item
     * @see #forEach(Iterable, int, ThrowingConsumer)
     */
    public <T extends @Nullable Object> void forEach(
            Stream<? extends T> items, int limit, ThrowingConsumer<? super T> action) {
        Objects.requireNonNull(items, "items");
        Pull.<T>each(setting("forEach"), items::iterator, limit, Objects.requireNonNull(action, "action"));
    }

    private OperatorScope setting(String kind) {
        return new OperatorScope(opener, kind, name != null ? name : kind, options, hooks);
    }

    private static <T extends @Nullable Object> List<Callable<? extends T>> copy(
            Collection<? extends Callable<? extends T>> tasks) {
        List<Callable<? extends T>> copy = new ArrayList<>(tasks.size());
        for (Callable<? extends T> task : tasks) {
            copy.add(Objects.requireNonNull(task, "task"));
        }
        return copy;
    }
}
