// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Owns tasks and child scopes, and ends when all of them have ended. Trio calls it a nursery.
 *
 * <p>A task that fails cancels its scope; the scope waits for all its tasks and then raises the failure. A timeout, a
 * {@link #cancel() cancel} and the end of the parent cancel everything below. No task outlives its scope, save
 * {@linkplain StragglerException stragglers}, which are named, and tasks that were declared to be
 * {@linkplain TaskOptions#withAbandonOnCancel(boolean) abandoned}.
 *
 * <p>Scopes are safe for use by several threads: any thread may spawn, cancel, ask.
 *
 * <p><b>Memory consistency:</b> what a thread did before spawning a task <i>happens-before</i> the task's first action;
 * the task's last action happens-before any {@link Task#join()} or {@link Task#get()} returns or a callback of the task
 * runs; the last actions of all tasks happen-before the exit of the scope, the return of {@link #awaitDone()}, and the
 * callbacks of the scope.
 *
 * @see ScopeFactory
 */
public interface Scope {

    /** How far a scope has come. */
    enum State {
        /** Tasks may be spawned. */
        OPEN,
        /** {@linkplain Scope#complete() Completed}: ends with its last awaited task. */
        COMPLETED,
        /** What still runs has been cancelled and is waited for. */
        ENDING,
        /** Over, but a cancelled task did not end in time and still runs. */
        STRAGGLING,
        /** Over, and nothing of it runs. */
        CLOSED
    }

    /** Says for how long a scope is the current one of a thread. See {@link Scope#bind()}. */
    interface Binding extends AutoCloseable {

        /**
         * Makes the scope current again that was so before. If a later binding of this thread is still open, that one
         * stays in force until it is closed. Closing twice does nothing.
         *
         * @throws IllegalStateException if another thread made the binding
         */
        @Override
        void close();
    }

    /**
     * The innermost scope of this thread: inside a body the scope of that body, inside a task the scope that the task
     * was spawned in, and the same in whatever these call. (A task that gives its own thread another {@linkplain
     * Thread#setUncaughtExceptionHandler handler of uncaught exceptions} has none from then on.)
     *
     * @return the current scope; empty outside of any
     */
    static Optional<Scope> current() {
        return Optional.ofNullable(Frames.currentScope());
    }

    /**
     * Makes this scope the current one of this thread, for as long as the binding is open. For integrations that bring a
     * scope to a thread which neither opened it nor runs a task of it; a scope does not wait for threads that are bound
     * to it, nor does it interrupt them.
     *
     * @return the binding, to be closed by this thread
     */
    Binding bind();

    /**
     * Makes a scope the current one of this thread that need not be open yet: the opener is asked for it, once for each
     * binding, when somebody wants to know the current scope or opens one below it. For integrations that bring a scope
     * to each piece of work which a thread does, such as a request, whether the work uses scopes or not.
     *
     * <p>Closing the binding also ends that piece of work: a scope that was opened on this thread meanwhile and was not
     * closed is then cancelled and closed, with an {@link IllegalStateException} that says so.
     *
     * @param opener gives the scope, which comes from a {@link ScopeFactory}; if it opens one, then a
     *     {@linkplain ScopeOptions#withDetached(boolean) detached} or a forked one. What it throws comes out of
     *     {@link #current()}, and it is asked again the next time
     * @return the binding, to be closed by this thread
     * @throws NullPointerException if the opener is null
     */
    static Binding bindLazily(Supplier<? extends Scope> opener) {
        return BindingNode.lazily(Objects.requireNonNull(opener, "opener"));
    }

    /**
     * The name, as it was given. It may hold any characters: print {@link #displayName()} or the scope itself.
     *
     * @return the name
     */
    String name();

    /**
     * The name with control and direction characters escaped, cut to 200 characters.
     *
     * @return a name that is safe to print
     */
    default String displayName() {
        return Names.printable(name());
    }

    /**
     * A number that no other scope or task of this process has.
     *
     * @return the id
     */
    long id();

    /**
     * The scope that this one is a child of.
     *
     * @return the parent; empty for a root
     */
    Optional<Scope> parent();

    /**
     * How far the scope has come, at this moment.
     *
     * @return the state
     */
    State state();

    /**
     * Spawns a task. If no thread can be had for it, as where an executor refuses it, the task has failed with that, and
     * its failure is as any other.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @param options from {@link TaskOptions#DEFAULT} to this task's options
     * @return the task
     * @throws NullPointerException if an argument is null; nothing is started
     * @throws IllegalStateException if the scope has ended or is ending, or if it is completed and this thread is not
     *     inside of it; nothing is started
     * @throws java.util.concurrent.RejectedExecutionException if the scope is full and
     *     {@link ScopeOptions.Overflow#REJECT} was chosen; nothing is started
     * @throws ScopeCancelledException if the scope is full, {@link ScopeOptions.Overflow#BLOCK} was chosen, and the
     *     scope was cancelled meanwhile
     * @throws ScopeInterruptedException if this thread was interrupted while it waited for a place
     */
    <T extends @Nullable Object> Task<T> spawn(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task without a result.
     *
     * @param name name of the task
     * @param task what to do
     * @param options from {@link TaskOptions#DEFAULT} to this task's options
     * @return the task
     * @throws NullPointerException if an argument is null; nothing is started
     * @throws IllegalStateException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws java.util.concurrent.RejectedExecutionException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws ScopeCancelledException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws ScopeInterruptedException as {@link #spawn(String, Callable, UnaryOperator)}
     */
    Task<@Nullable Void> spawn(String name, Runnable task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task with default options.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @return the task
     * @see #spawn(String, Callable, UnaryOperator)
     */
    <T extends @Nullable Object> Task<T> spawn(String name, Callable<? extends T> task);

    /**
     * Spawns a task without a result, with default options.
     *
     * @param name name of the task
     * @param task what to do
     * @return the task
     * @see #spawn(String, Callable, UnaryOperator)
     */
    Task<@Nullable Void> spawn(String name, Runnable task);

    /**
     * Spawns a task with default options and a derived name.
     *
     * @param <T> type of the result
     * @param task what to do
     * @return the task
     * @see #spawn(String, Callable, UnaryOperator)
     */
    <T extends @Nullable Object> Task<T> spawn(Callable<? extends T> task);

    /**
     * Spawns a task without a result, with default options and a derived name.
     *
     * @param task what to do
     * @return the task
     * @see #spawn(String, Callable, UnaryOperator)
     */
    Task<@Nullable Void> spawn(Runnable task);

    /**
     * Spawns a task if the scope still takes any. Where {@code spawn} would throw {@link IllegalStateException}, or
     * {@link java.util.concurrent.RejectedExecutionException} because the scope is full, this gives an empty result.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @param options from {@link TaskOptions#DEFAULT} to this task's options
     * @return the task; empty if the scope did not take it
     * @throws NullPointerException if an argument is null; nothing is started
     * @throws ScopeCancelledException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws ScopeInterruptedException as {@link #spawn(String, Callable, UnaryOperator)}
     */
    <T extends @Nullable Object> Optional<Task<T>> trySpawn(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task and waits for it, in one. The failure of the task is raised here and nowhere else, however early it
     * comes, whereas that of a task which is spawned first and joined later may reach the scope before the join.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @return the result of the task
     * @throws NullPointerException if an argument is null; nothing is started
     * @throws IllegalStateException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws ScopeFailedException if the task failed with a checked exception; unchecked exceptions and errors are
     *     thrown as they are
     * @throws java.util.concurrent.CancellationException if the task was cancelled
     * @throws ScopeCancelledException if this thread belongs to a scope or task that is cancelled
     * @throws java.util.concurrent.RejectedExecutionException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws ScopeInterruptedException if this thread was interrupted from outside
     */
    <T extends @Nullable Object> T await(String name, Callable<? extends T> task);

    /**
     * Spawns a task with a derived name and waits for it, in one.
     *
     * @param <T> type of the result
     * @param task what to do
     * @return the result of the task
     * @see #await(String, Callable)
     */
    <T extends @Nullable Object> T await(Callable<? extends T> task);

    /**
     * Where children of this scope are opened, from whatever thread and whichever scope is current there. A child
     * follows all rules of a scope and is cancelled with its parent. Its failure does not cancel the parent by itself:
     * it is raised where the child is awaited.
     *
     * <p>The parent waits for a child that was opened from outside of it as for an awaited task; for a shared child from
     * its {@linkplain #complete() completion} on. One that was never completed is cancelled when nothing else is left.
     *
     * @return an opener of children
     * @throws IllegalStateException if the scope has ended or is ending
     */
    ScopeOpener fork();

    /**
     * Cancels the scope: its body, its tasks and all scopes below are interrupted, and it takes no more tasks. The first
     * cancel wins, later ones do nothing. Does not wait.
     *
     * <p>{@code run} and {@code join} then return silently; {@code call} throws {@link ScopeCancelledException} unless
     * the body had already returned its value.
     */
    void cancel();

    /**
     * Cancels the scope because of a failure, which the exit of the scope will raise. The first cancel wins; the cause of
     * a later one is kept as suppressed.
     *
     * @param cause what to raise at the exit
     * @throws NullPointerException if the cause is null
     */
    void cancel(Throwable cause);

    /**
     * Whether the scope was cancelled: by a call, a failure, a timeout, a master task or with its parent. Stays so.
     *
     * @return whether it was cancelled
     */
    boolean isCancelled();

    /**
     * Says that no more tasks will come from outside: the scope ends with its last awaited task. Tasks inside may go on
     * to spawn until then. The end of a body completes its scope, and so does {@link OpenScope#join()}. Doing it twice,
     * or on a scope that has ended, changes nothing.
     */
    void complete();

    /**
     * Sets the timeout anew, counted from now. When it has passed the scope is cancelled and its exit throws
     * {@link ScopeTimeoutException}.
     *
     * @param timeout how long the scope may still take; however long it is, the deadlines of the scopes above still hold
     * @throws NullPointerException if the timeout is null
     * @throws IllegalArgumentException if it is zero or negative
     * @throws IllegalStateException if the scope has ended or is ending
     */
    void timeout(Duration timeout);

    /**
     * How much time is left until the earliest deadline of this scope and the scopes above.
     *
     * @return the time left, zero if it has passed; empty if there is no deadline
     */
    Optional<Duration> remaining();

    /**
     * What lives in this scope now: its tasks and child scopes, and theirs. Taken while they run, nothing is stopped for
     * it: what starts or ends meanwhile may or may not be there.
     *
     * @return a snapshot
     */
    ScopeSnapshot tasks();

    /**
     * What lives in this scope now, as {@link #tasks()}, and where each task is: with the stack trace of its thread. Costs
     * far more than {@code tasks()}, and shows inner workings: not for everybody's eyes.
     *
     * @return a snapshot with stack traces
     */
    ScopeSnapshot dump();

    /**
     * Registers a callback for the end of the scope, when no task runs any more (save stragglers). It runs on the thread
     * that ends the scope, or here and now if that has happened. What it throws is logged.
     *
     * @param callback gets this scope
     * @throws NullPointerException if the callback is null
     */
    void onDone(Consumer<? super Scope> callback);

    /**
     * Waits until the scope has ended, and throws what it failed with. Does not complete the scope.
     *
     * @throws IllegalStateException if this thread is inside the scope: that would never end
     * @throws ScopeFailedException if a task failed with a checked exception; unchecked exceptions and errors are thrown
     *     as they are
     * @throws ScopeTimeoutException if the scope's timeout has passed
     * @throws ScopeCancelledException if the scope was cancelled together with its parent, or if it has not ended and
     *     this thread belongs to a scope or task that is cancelled
     * @throws ScopeInterruptedException if this thread was interrupted; the scope goes on
     * @throws StragglerException if a cancelled task did not end in time
     */
    void awaitDone();

    /**
     * Waits until the scope has ended, at most for some time, and throws what it failed with.
     *
     * @param timeout how long to wait; zero or less does not wait
     * @return whether the scope has ended
     * @throws NullPointerException if the timeout is null
     * @throws IllegalStateException as {@link #awaitDone()}
     * @throws ScopeFailedException as {@link #awaitDone()}
     * @throws ScopeTimeoutException as {@link #awaitDone()}; never because of the time given here
     * @throws ScopeCancelledException as {@link #awaitDone()}
     * @throws ScopeInterruptedException as {@link #awaitDone()}
     * @throws StragglerException as {@link #awaitDone()}
     */
    boolean awaitDone(Duration timeout);
}
