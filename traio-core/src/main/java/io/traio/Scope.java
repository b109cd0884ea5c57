// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.Names;
import io.traio.internal.Nanos;
import io.traio.internal.engine.Engines;
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
 * <p>A task that fails cancels its scope; the scope waits for all its tasks, and its exit then throws the failure. A
 * timeout, a {@link #cancel() cancel} and the end of the parent cancel everything below. No task outlives its scope, except
 * {@linkplain StragglerException stragglers}, which are named, and tasks that were declared to be
 * {@linkplain TaskOptions#withAbandonOnCancel(boolean) abandoned}.
 *
 * <p>Scopes are thread-safe: any thread may spawn, cancel and ask.
 *
 * <p><b>Memory consistency:</b> what a thread did before it spawned a task <i>happens-before</i> the task's first action;
 * the task's last action happens-before any {@link Task#join()} or {@link Task#get()} returns or a callback of the task
 * runs; the last actions of all tasks happen-before the exit of the scope, the return of {@link #awaitDone()}, and the
 * callbacks of the scope.
 *
 * @see ScopeFactory
 */
public interface Scope {

    /** Lifecycle state of a scope. */
    enum State {
        /** Takes tasks. */
        OPEN,
        /** {@linkplain Scope#complete() Completed}: ends with its last awaited task. */
        COMPLETING,
        /** Has cancelled what still runs, and waits for it. */
        ENDING,
        /** Has ended, but a cancelled task did not end within its grace period and still runs. */
        STRAGGLING,
        /** Has ended, and nothing of it runs. */
        CLOSED
    }

    /** Says for how long a scope is the current one of a thread. See {@link Scope#bind()}. */
    interface Binding extends AutoCloseable {

        /**
         * Makes the scope current again that was current before. If a later binding of this thread is still open, that one
         * stays in force until it is closed. Idempotent.
         *
         * @throws IllegalStateException if another thread made the binding
         */
        @Override
        void close();
    }

    /** A registered hook for a cancellation. See {@link Scope#onCancel(Action)}. */
    interface CancelHook extends AutoCloseable {

        /**
         * Ends the registration: the hook is not called from now on. If it is being called, waits until it has returned. An
         * interrupt that has waited comes now. Idempotent.
         *
         * @throws IllegalStateException if another thread made the registration
         */
        @Override
        void close();
    }

    /**
     * Gives a resource back.
     *
     * @param <R> type of the resource
     */
    @FunctionalInterface
    interface Release<R extends @Nullable Object> {

        /**
         * Releases the resource.
         *
         * @param resource what was acquired
         * @throws Exception if the release fails
         */
        void release(R resource) throws Exception;
    }

    /**
     * Returns the innermost scope of this thread: inside a body the scope of that body, inside a task the scope that the
     * task was spawned in, and the same in whatever these call. A scope that has ended is never current. (A task that gives
     * its own thread another {@linkplain Thread#setUncaughtExceptionHandler handler of uncaught exceptions} has no current
     * scope from then on.)
     *
     * @return the current scope; empty outside of any
     */
    static Optional<Scope> current() {
        return Optional.ofNullable(Engines.currentScope());
    }

    /**
     * Returns the innermost scope of this thread, which must be inside one.
     *
     * @return the current scope
     * @throws IllegalStateException if this thread is in no scope; the message says how to get into one
     * @see #current()
     */
    static Scope requireCurrent() {
        Scope current = Engines.currentScope();
        if (current == null) {
            throw new IllegalStateException("No scope is current on " + Thread.currentThread()
                    + ". Open one (ScopeFactory.run, call or open), call this from inside a task or a body, or, in Spring,"
                    + " call it through the proxy of an @InScope method or while a request is handled");
        }
        return current;
    }

    /**
     * Returns the innermost scope of this thread as {@link #current()} does, but does not open one that is {@linkplain
     * #bindLazily bound lazily} and has not been needed yet. For integrations.
     *
     * @return the current scope if it is open; otherwise the next open one further out; empty if there is none
     */
    static Optional<Scope> peek() {
        return Optional.ofNullable(Engines.peekScope());
    }

    /**
     * Throws if the code on this thread was cancelled: its scope, its task, or one around them. For code that runs for long
     * without a wait. A no-op outside of scopes. An interrupt from outside is left as it is.
     *
     * @throws ScopeCancelledException if this thread belongs to a scope or task that is cancelled
     */
    static void checkCancelled() {
        Engines.checkCancelled();
    }

    /**
     * Registers a hook that is called if the code on this thread is cancelled: its task, the scope whose body it is in, or a
     * scope or task around them, for whatever reason. For blocking code that an interrupt does not reach. The thread is
     * interrupted all the same.
     *
     * <pre>{@code
     * try (Scope.CancelHook hook = Scope.onCancel(socket::close)) {
     *     return socket.getInputStream().readAllBytes();
     * }
     * }</pre>
     *
     * <p>The hook is called once, at once if the code is cancelled already, and not after the registration was closed. It runs
     * in no scope, on a thread of traio's, with the context class loader of the registering thread: the canceller does not wait
     * for it, nor do other hooks. Only the close of its own registration does. What it throws is logged. The registration is
     * closed by the same thread, and at the latest by the end of the task or body. A cancellation that does not get through a
     * {@linkplain ScopeOptions#shielded() shield} does not call the hook. A no-op outside of scopes. (.NET: {@code
     * CancellationToken.Register}; Kotlin: {@code invokeOnCancellation}.)
     *
     * @param hook what to do, such as to close what the thread is blocked in
     * @return the registration, to be closed by this thread
     * @throws NullPointerException if the hook is null
     */
    static CancelHook onCancel(Action hook) {
        return Engines.onCancel(Objects.requireNonNull(hook, "hook"), Duration.ZERO);
    }

    /**
     * Registers a hook as {@link #onCancel(Action)} does, and has the interrupt wait meanwhile: the hook is called first, and
     * the thread is interrupted if the code has not gone on to the close of the registration within some time. For code that
     * an interrupt would harm, but which may need it in the end. The close delivers an interrupt that has waited, so that what
     * comes after it is cancelled, too. The {@linkplain ScopeOptions#cancelTimeout() grace period} begins with the interrupt.
     *
     * <p>Waits of traio do not wait for that: in cancelled code they throw at once. Nor do interrupts of scopes that are opened
     * within the registration. Where registrations are nested, the interrupt waits as the outermost says. The thread of a task
     * that is {@linkplain TaskOptions#abandonOnCancel() abandoned} is interrupted by the close only.
     *
     * @param interruptAfter how long the hook and the code have, from the cancellation on; zero means that the interrupt does
     *     not wait
     * @param hook what to do, such as to cancel the statement that the thread is in
     * @return the registration, to be closed by this thread
     * @throws NullPointerException if an argument is null
     * @throws IllegalArgumentException if the time is negative
     */
    static CancelHook onCancel(Duration interruptAfter, Action hook) {
        Objects.requireNonNull(hook, "hook");
        if (interruptAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "interruptAfter must not be negative, but was " + Nanos.text(interruptAfter));
        }
        return Engines.onCancel(hook, interruptAfter);
    }

    /**
     * Makes this scope the current one of this thread, for as long as the binding is open. For integrations that bring a
     * scope to a thread which neither opened it nor runs a task of it. A scope does not wait for threads that are bound to
     * it, nor does it interrupt them.
     *
     * @return the binding, to be closed by this thread
     */
    Binding bind();

    /**
     * Makes a scope the current one of this thread that need not be open yet: the opener is asked for it, once for each
     * binding, when code asks for the current scope or opens a scope below it. For integrations that bring a scope to each
     * piece of work which a thread does, such as a request, whether the work uses scopes or not.
     *
     * <p>Closing the binding also ends that piece of work: a scope that was opened on this thread meanwhile and was not
     * closed is then cancelled and closed, with an {@link IllegalStateException} that says so.
     *
     * @param opener returns the scope, which comes from a {@link ScopeFactory}; if it opens one, then a
     *     {@linkplain ScopeOptions#withDetached(boolean) detached} or a forked one. What it throws is thrown by
     *     {@link #current()}, and it is asked again the next time
     * @return the binding, to be closed by this thread
     * @throws NullPointerException if the opener is null
     */
    static Binding bindLazily(Supplier<? extends Scope> opener) {
        return Engines.bindLazily(Objects.requireNonNull(opener, "opener"));
    }

    /**
     * Returns the name, as it was given. It may hold any characters: print {@link #displayName()} or the scope itself.
     *
     * @return the name
     */
    String name();

    /**
     * Returns the name with control and direction characters escaped, cut to 200 characters.
     *
     * @return a name that is safe to print
     */
    default String displayName() {
        return Names.printable(name());
    }

    /**
     * Returns a number that no other scope or task of this process has.
     *
     * @return the id
     */
    long id();

    /**
     * Returns the scope that this one is a child of.
     *
     * @return the parent; empty for a root
     */
    Optional<Scope> parent();

    /**
     * Returns the lifecycle state of the scope at this moment.
     *
     * @return the state
     */
    State state();

    /**
     * Spawns a task. If no thread can be had for it, as where an executor refuses it, the task has failed with that
     * exception, and the failure is treated like any other.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options
     * @return the task
     * @throws NullPointerException if an argument is null; nothing is started
     * @throws IllegalStateException if the scope has ended or is ending, or if it is completed and this thread is not
     *     inside it; nothing is started
     * @throws java.util.concurrent.RejectedExecutionException if the scope is full and
     *     {@link ScopeOptions.Overflow#REJECT} was chosen; nothing is started
     * @throws ScopeCancelledException if the scope is full, {@link ScopeOptions.Overflow#BLOCK} was chosen, and this
     *     thread's scope or task was cancelled meanwhile
     * @throws ScopeInterruptedException if this thread was interrupted while it waited for a place
     */
    <T extends @Nullable Object> Task<T> spawn(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task with the scope's default options.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @return the task
     * @see #spawn(String, Callable, UnaryOperator)
     */
    <T extends @Nullable Object> Task<T> spawn(String name, Callable<? extends T> task);

    /**
     * Spawns a task without a result. A lambda that returns a value is a {@link Callable}, here and in Kotlin: the type
     * parameter and the variable arguments keep such a lambda from being taken for an action, whose value would be lost.
     *
     * @param <A> always {@link Action}
     * @param name name of the task
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options; several are
     *     applied one after the other
     * @return the task
     * @throws NullPointerException if an argument is null; nothing is started
     * @throws IllegalStateException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws java.util.concurrent.RejectedExecutionException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws ScopeCancelledException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws ScopeInterruptedException as {@link #spawn(String, Callable, UnaryOperator)}
     */
    <A extends Action> Task<@Nullable Void> spawn(String name, A task, TaskOptions.Change... options);

    /**
     * Spawns a task with a derived name.
     *
     * @param <T> type of the result
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options
     * @return the task
     * @see #spawn(String, Callable, UnaryOperator)
     */
    <T extends @Nullable Object> Task<T> spawn(Callable<? extends T> task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task with the scope's default options and a derived name.
     *
     * @param <T> type of the result
     * @param task what to do
     * @return the task
     * @see #spawn(String, Callable, UnaryOperator)
     */
    <T extends @Nullable Object> Task<T> spawn(Callable<? extends T> task);

    /**
     * Spawns a task without a result, with a derived name.
     *
     * @param <A> always {@link Action}
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options; several are
     *     applied one after the other
     * @return the task
     * @see #spawn(String, Action, TaskOptions.Change...)
     */
    <A extends Action> Task<@Nullable Void> spawn(A task, TaskOptions.Change... options);

    /**
     * Spawns a task whose failure is for whoever joins it, however early it fails: short for {@code spawn(name, task, t ->
     * t.withToJoin(true))}. The failure does not cancel the scope. If no thread has joined the task by the time the scope has
     * nothing else to wait for, the exit of the scope throws it, so it is never lost.
     *
     * <pre>{@code
     * Task<Quote> beta = scope.spawnToJoin("beta", () -> suppliers.beta(route));
     * Task<Quote> alpha = scope.spawn("alpha", () -> suppliers.alpha(route));
     * try {
     *     return Quote.cheaper(alpha.join(), beta.join());
     * } catch (SupplierDownException betaIsDown) {
     *     return alpha.join();
     * }
     * }</pre>
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @return the task
     * @see TaskOptions#toJoin()
     * @see #spawn(String, Callable, UnaryOperator)
     */
    <T extends @Nullable Object> Task<T> spawnToJoin(String name, Callable<? extends T> task);

    /**
     * Spawns a task whose failure is for whoever joins it.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @param options further changes of the options
     * @return the task
     * @see #spawnToJoin(String, Callable)
     */
    <T extends @Nullable Object> Task<T> spawnToJoin(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task without a result whose failure is for whoever joins it.
     *
     * @param <A> always {@link Action}
     * @param name name of the task
     * @param task what to do
     * @param options further changes of the options
     * @return the task
     * @see #spawnToJoin(String, Callable)
     */
    <A extends Action> Task<@Nullable Void> spawnToJoin(String name, A task, TaskOptions.Change... options);

    /**
     * Spawns a task if the scope still takes one. Where {@code spawn} would throw {@link IllegalStateException}, or
     * {@link java.util.concurrent.RejectedExecutionException} because the scope is full, this returns an empty result.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options
     * @return the task; empty if the scope did not take it
     * @throws NullPointerException if an argument is null; nothing is started
     * @throws ScopeCancelledException as {@link #spawn(String, Callable, UnaryOperator)}
     * @throws ScopeInterruptedException as {@link #spawn(String, Callable, UnaryOperator)}
     */
    <T extends @Nullable Object> Optional<Task<T>> trySpawn(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task with the scope's default options if the scope still takes one.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @return the task; empty if the scope did not take it
     * @see #trySpawn(String, Callable, UnaryOperator)
     */
    <T extends @Nullable Object> Optional<Task<T>> trySpawn(String name, Callable<? extends T> task);

    /**
     * Spawns a task without a result if the scope still takes one.
     *
     * @param <A> always {@link Action}
     * @param name name of the task
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options; several are
     *     applied one after the other
     * @return the task; empty if the scope did not take it
     * @see #trySpawn(String, Callable, UnaryOperator)
     */
    <A extends Action> Optional<Task<@Nullable Void>> trySpawn(String name, A task, TaskOptions.Change... options);

    /**
     * Spawns a task and waits for it. The failure of the task is thrown here and nowhere else, however early it comes.
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
     * Spawns a task with a derived name and waits for it.
     *
     * @param <T> type of the result
     * @param task what to do
     * @return the result of the task
     * @see #await(String, Callable)
     */
    <T extends @Nullable Object> T await(Callable<? extends T> task);

    /**
     * Spawns a task and waits for it.
     *
     * @param <T> type of the result
     * @param name name of the task
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options
     * @return the result of the task
     * @see #await(String, Callable)
     */
    <T extends @Nullable Object> T await(String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task without a result and waits for it.
     *
     * @param <A> always {@link Action}
     * @param name name of the task
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options; several are
     *     applied one after the other
     * @see #await(String, Callable)
     */
    <A extends Action> void await(String name, A task, TaskOptions.Change... options);

    /**
     * Spawns a task and waits until it says that it is ready. Until then its failure is thrown from here and leaves the
     * scope untouched, and the scope waits for the task; from then on it is a task like any other.
     *
     * <p>If this thread's own scope or task is cancelled before the task is ready, or this thread is interrupted, the task is
     * cancelled, and this method throws once the task has ended.
     *
     * @param <V> type of what the task says when it is ready
     * @param name name of the task
     * @param task what to do
     * @param options from the scope's {@linkplain ScopeOptions#taskDefaults() defaults} to this task's options; {@code bubble},
     *     {@code master} and {@code awaited} have no effect until the task is ready
     * @return the task and what it has said
     * @throws NullPointerException if an argument is null; nothing is started
     * @throws IllegalStateException as {@link #spawn(String, Callable, UnaryOperator)}; also if the task ends without having
     *     said that it is ready
     * @throws ScopeFailedException if the task failed with a checked exception before it was ready; unchecked exceptions and
     *     errors are thrown as they are
     * @throws java.util.concurrent.CancellationException if the task was cancelled before it was ready
     * @throws ScopeCancelledException if this scope, or the scope or task that this thread belongs to, was cancelled before
     *     the task was ready
     * @throws ScopeInterruptedException if this thread was interrupted from outside before the task was ready; its interrupt
     *     flag is set
     * @throws java.util.concurrent.RejectedExecutionException as {@link #spawn(String, Callable, UnaryOperator)}
     */
    <V extends @Nullable Object> Started<V> start(
            String name, Started.Body<V> task, UnaryOperator<TaskOptions> options);

    /**
     * Spawns a task with the scope's default options and waits until it says that it is ready.
     *
     * @param <V> type of what the task says when it is ready
     * @param name name of the task
     * @param task what to do
     * @return the task and what it has said
     * @see #start(String, Started.Body, UnaryOperator)
     */
    <V extends @Nullable Object> Started<V> start(String name, Started.Body<V> task);

    /**
     * Has a resource closed when the scope has ended.
     *
     * <p>What is registered in a scope is released after its last task has ended, the last first, however the scope ends, and
     * before its exit returns or throws. All releases run, also if some throw: the exit then throws the first such exception,
     * or suppresses it in what it throws anyway. They run {@linkplain ScopeOptions#shielded() shielded}, in the context of the
     * code that registered them: on the owner's thread, or on one of their own where the scope has no owner. What a
     * {@linkplain StragglerException straggler} still uses is released all the same.
     *
     * @param <R> type of the resource
     * @param resource what to close
     * @return the resource
     * @throws NullPointerException if the resource is null
     * @throws IllegalStateException if the scope has ended; the resource is closed at once
     */
    <R extends AutoCloseable> R use(R resource);

    /**
     * Acquires a resource on this thread, and has it released when the scope has ended.
     *
     * @param <R> type of the resource
     * @param acquire returns the resource; if it throws, nothing is registered
     * @param release gives the resource back
     * @return the resource
     * @throws NullPointerException if an argument is null; nothing is acquired
     * @throws IllegalStateException if the scope has ended; nothing stays acquired
     * @throws ScopeFailedException if acquiring failed with a checked exception; unchecked exceptions and errors are thrown
     *     as they are
     * @throws ScopeInterruptedException if acquiring failed with an {@link InterruptedException}; the interrupt flag is set
     * @see #use(AutoCloseable)
     */
    <R extends @Nullable Object> R use(Callable<? extends R> acquire, Release<? super R> release);

    /**
     * Has something done when the scope has ended.
     *
     * @param release what to do
     * @throws NullPointerException if the action is null
     * @throws IllegalStateException if the scope has ended; the action is run at once
     * @see #use(AutoCloseable)
     */
    void defer(Action release);

    /**
     * Returns an opener of children of this scope, which works on any thread, whichever scope is current there. A child
     * follows all rules of a scope and is cancelled with its parent. Its failure does not cancel the parent by itself: it is
     * thrown where the child is awaited.
     *
     * <p>The parent waits for a child that was opened from outside of it as for an awaited task; for a shared child from
     * its {@linkplain #complete() completion} on. A child that was never completed is cancelled when nothing else is left.
     *
     * @return an opener of children
     * @throws IllegalStateException if the scope has ended or is ending
     */
    ScopeOpener fork();

    /**
     * Cancels the scope: its body, its tasks and all scopes below are interrupted, and it takes no more tasks. The first
     * cancel wins, later ones are no-ops. Does not wait.
     *
     * <p>{@code run} and {@code join} then return silently; {@code call} throws {@link ScopeCancelledException} unless
     * the body had already returned its value.
     */
    void cancel();

    /**
     * Cancels the scope as {@link #cancel()} does, and says why: logs, snapshots, and the exceptions that the cancellation
     * causes show it.
     *
     * @param reason a short text, such as {@code "client went away"}; printed with control and direction characters escaped,
     *     cut to 200 characters
     * @throws NullPointerException if the reason is null
     */
    void cancel(String reason);

    /**
     * Cancels the scope because of a failure, which the exit of the scope throws. The first cancel wins; the cause of a
     * later one is kept as suppressed.
     *
     * @param cause what to throw at the exit
     * @throws NullPointerException if the cause is null
     */
    void cancel(Throwable cause);

    /**
     * Cancels the scope as {@link #cancel(Throwable)} does, and says why as {@link #cancel(String)} does.
     *
     * @param reason a short text
     * @param cause what to throw at the exit
     * @throws NullPointerException if the reason or the cause is null
     */
    void cancel(String reason, Throwable cause);

    /**
     * Returns whether the scope was cancelled: by a call, a failure, a timeout, a master task or with its parent. Once
     * true, this stays true.
     *
     * @return whether the scope was cancelled
     */
    boolean isCancelled();

    /**
     * Declares that no more tasks come from outside: the scope ends with its last awaited task. Tasks inside may go on to
     * spawn until then. The end of a body completes its scope, and so does {@link OpenScope#join()}. Idempotent, and a no-op
     * on a scope that has ended.
     */
    void complete();

    /**
     * Sets the timeout anew, counted from now. When it has passed, the scope is cancelled and its exit throws
     * {@link ScopeTimeoutException}.
     *
     * @param timeout how long the scope may still take; however long it is, the deadlines of the scopes above still hold
     * @throws NullPointerException if the timeout is null
     * @throws IllegalArgumentException if the timeout is zero or negative
     * @throws IllegalStateException if the scope has ended or is ending
     */
    void setTimeout(Duration timeout);

    /**
     * Shields this scope from what happens around it from now on, or no longer, as {@link ScopeOptions#withShielded(boolean)}
     * does at the opening. If the scope above or the task in which this one was opened was cancelled meanwhile, the loss of
     * the shield cancels this scope.
     *
     * @param shielded whether the scope is to be shielded
     * @throws IllegalStateException if the scope has ended or is ending
     */
    void setShielded(boolean shielded);

    /**
     * Returns the time left until the earliest deadline of this scope and the scopes above, as far as they are not kept off
     * by a {@linkplain ScopeOptions#shielded() shield}.
     *
     * @return the time left; zero if the scope has timed out, also after its end; empty if there is no deadline, or the
     *     scope has ended otherwise
     */
    Optional<Duration> remaining();

    /**
     * Returns what lives in this scope now: its tasks and child scopes, and theirs. Weakly consistent: nothing is stopped
     * for it, and what starts or ends meanwhile may or may not be in it.
     *
     * @return a snapshot
     * @see #snapshot(int)
     */
    ScopeSnapshot snapshot();

    /**
     * Returns what lives in this scope now, as {@link #snapshot()}, cut off after so many scopes and tasks. What is left out is
     * not looked at, so the cost depends on the limit and not on the size of the tree. Each scope has its first 20 tasks and
     * child scopes first, level by level, so that a wide scope does not hide what is deep; then the rest, as far as there is
     * room. {@link ScopeSnapshot#omitted()} says where something was left out.
     *
     * @param max how many scopes and tasks the snapshot has at most, this scope included
     * @return a snapshot
     * @throws IllegalArgumentException if the limit is less than 1
     */
    ScopeSnapshot snapshot(int max);

    /**
     * Returns what lives in this scope now, as {@link #snapshot()}, with the stack trace of the thread of each task, but
     * of no more than 1,000: those of this scope first, then those of the scopes below, level by level. Costs far more than
     * {@code snapshot()}, and shows the inner workings of an application to whoever reads it.
     *
     * @return a snapshot with stack traces
     * @see #dump(int)
     */
    ScopeSnapshot dump();

    /**
     * Returns what lives in this scope now, as {@link #snapshot(int)}, with stack traces as {@link #dump()}.
     *
     * @param max how many scopes and tasks the snapshot has at most, this scope included
     * @return a snapshot with stack traces
     * @throws IllegalArgumentException if the limit is less than 1
     */
    ScopeSnapshot dump(int max);

    /**
     * Registers a callback for the end of the scope, when no task runs any more (stragglers excepted). The callback runs on
     * the thread that ends the scope, or here and now if the scope has ended. What it throws is logged.
     *
     * @param callback receives this scope
     * @throws NullPointerException if the callback is null
     */
    void onDone(Consumer<? super Scope> callback);

    /**
     * Waits until the scope has ended, and throws what it failed with. Does not complete the scope.
     *
     * @throws IllegalStateException if this thread is inside the scope, or what it is in is waited for there: the wait would
     *     never end
     * @throws ScopeFailedException if a task failed with a checked exception; unchecked exceptions and errors are thrown
     *     as they are
     * @throws ScopeTimeoutException if the scope's timeout has passed
     * @throws ScopeCancelledException if the scope was cancelled together with its parent or because its owner was
     *     interrupted, or if it has not ended and this thread belongs to a scope or task that is cancelled
     * @throws ScopeInterruptedException if this thread was interrupted; the scope goes on
     * @throws StragglerException if a cancelled task did not end within its grace period
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
