// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.lang.StackWalker.StackFrame;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * A scope: why and how it ends, and what its users call. The steps that change it are in {@link
 * TaskSpawn}, {@link TaskFinish}, {@link ScopeEnd} and {@link ScopeExit}.
 */
final class ScopeNode extends ScopeState implements OpenScope {

    ScopeNode(Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared, now);
        queue = TaskQueue.forScope(this);
    }

    @Override
    void react(Change change) {
        switch (change) {
            case DONE:
                ScopeEnd.done(this);
                break;
            case ONLY_BACKGROUND_LEFT:
                ScopeEnd.onlyBackgroundLeft(this);
                break;
            case MEMBER_LEFT:
                memberLeft();
                break;
            default:
        }
    }

    private void memberLeft() {
        if (!isEnding()) {
            if (liveMembers() == 0) {
                forgetLastDead();
            }
        } else if (!isDone()) {
            Stragglers.giveUpIfOnlyStragglersAreLeft(this);
        } else if (liveMembers() == 0) {
            engine.forget(this);
        }
    }

    @Override
    void cancelFromAbove() {
        ScopeEnd.cancel(this, CancelReason.PARENT, null);
    }

    /** Not in a task that is not to be interrupted. */
    @Override
    boolean interruptible() {
        for (Frame frame = enclosing(); frame != null; frame = frame.enclosing()) {
            if (frame instanceof TaskNode<?> && !frame.interruptible()) {
                return false;
            }
        }
        return true;
    }

    @Override
    ScopeNode frameScope() {
        return this;
    }

    @Override
    String kind() {
        return "scope";
    }

    Logger logger() {
        Logger own = options.logger();
        return own != null ? own : engine.logger;
    }

    String whereOpened() {
        StackFrame caller = opening;
        return caller != null ? "at " + caller.toStackTraceElement() : "with a body";
    }

    RefusedException refused(String what) {
        EndCause cause = end();
        boolean ending = isEnding() || cause != null;
        String state = isDone() ? "has ended" : ending ? "is ending" : "is completed";
        String hint = ending ? "" : "; only its own tasks may do that now";
        return new RefusedException(label() + " " + state + (cause != null ? " (" + cause.reason() + ")" : "")
                + " and cannot " + what + hint);
    }

    // ---- Scope ----

    @Override
    public Binding bind() {
        return BindingNode.to(this);
    }

    @Override
    public Optional<Scope> parent() {
        return Optional.ofNullable(parent);
    }

    @Override
    public State state() {
        if (isDead()) {
            return liveMembers() == 0 ? State.CLOSED : State.STRAGGLING;
        }
        return isEnding() ? State.ENDING : isFinal() ? State.COMPLETED : State.OPEN;
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawn(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options) {
        return TaskSpawn.spawn(this, Objects.requireNonNull(name, "name"), task, apply(options), false);
    }

    @Override
    public Task<@Nullable Void> spawn(String name, Runnable task, UnaryOperator<TaskOptions> options) {
        return spawn(name, callable(task), options);
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawn(String name, Callable<? extends T> task) {
        return TaskSpawn.spawn(this, Objects.requireNonNull(name, "name"), task, TaskOptions.DEFAULT, false);
    }

    @Override
    public Task<@Nullable Void> spawn(String name, Runnable task) {
        return spawn(name, callable(task));
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawn(Callable<? extends T> task) {
        return TaskSpawn.spawn(this, null, task, TaskOptions.DEFAULT, false);
    }

    @Override
    public Task<@Nullable Void> spawn(Runnable task) {
        return spawn(callable(task));
    }

    @Override
    public <T extends @Nullable Object> Optional<Task<T>> trySpawn(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options) {
        Objects.requireNonNull(name, "name");
        TaskOptions chosen = apply(options);
        Objects.requireNonNull(task, "task");
        try {
            return Optional.of(TaskSpawn.spawn(this, name, task, chosen, false));
        } catch (RefusedException | RejectedExecutionException e) {
            return Optional.empty();
        }
    }

    @Override
    public <T extends @Nullable Object> T await(String name, Callable<? extends T> task) {
        return this.<T>claimed(Objects.requireNonNull(name, "name"), task).joinClaimed();
    }

    @Override
    public <T extends @Nullable Object> T await(Callable<? extends T> task) {
        return this.<T>claimed(null, task).joinClaimed();
    }

    private <T extends @Nullable Object> TaskNode<T> claimed(@Nullable String name, Callable<? extends T> task) {
        return TaskSpawn.spawn(this, name, task, TaskOptions.DEFAULT, true);
    }

    private static TaskOptions apply(UnaryOperator<TaskOptions> options) {
        TaskOptions chosen = Objects.requireNonNull(options, "options").apply(TaskOptions.DEFAULT);
        return Objects.requireNonNull(chosen, "result of options");
    }

    private static Callable<@Nullable Void> callable(Runnable task) {
        return Executors.callable(Objects.requireNonNull(task, "task"), null);
    }

    @Override
    public ScopeOpener fork() {
        if (isEnding()) {
            throw refused("fork");
        }
        return new Opener(engine, this);
    }

    @Override
    public void cancel() {
        ScopeEnd.cancel(this, CancelReason.EXPLICIT, null);
    }

    @Override
    public void cancel(Throwable cause) {
        ScopeEnd.cancel(this, CancelReason.EXPLICIT, Objects.requireNonNull(cause, "cause"));
    }

    @Override
    public boolean isCancelled() {
        return end() != null;
    }

    @Override
    public void complete() {
        if (!isFinal()) {
            becomeAwaited();
            engine.observers.scopeCompleted(this);
            beginFinal();
            countOutLost();
        }
    }

    @Override
    public void timeout(Duration timeout) {
        ScopeOptions.requirePositive(timeout, "timeout");
        if (isEnding()) {
            throw refused("get a new timeout");
        }
        engine.observers.timeoutSet(this, timeout);
        Deadline.set(this, timeout);
    }

    @Override
    public Optional<Duration> remaining() {
        Deadline earliest = Deadline.effective(this);
        return Optional.ofNullable(earliest).map(d -> Duration.ofNanos(d.remainingNanos()));
    }

    @Override
    public ScopeSnapshot tasks() {
        return Snapshots.of(this, /* stacks= */ false);
    }

    @Override
    public ScopeSnapshot dump() {
        return Snapshots.of(this, /* stacks= */ true);
    }

    @Override
    public void onDone(Consumer<? super Scope> callback) {
        Objects.requireNonNull(callback, "callback");
        Runnable action = () -> ScopeExit.callBack(this, () -> callback.accept(this));
        if (!whenDead(action)) {
            action.run();
        }
    }

    @Override
    public void awaitDone() {
        ScopeExit.awaitDone(this, Deadline.FOREVER_NANOS);
    }

    @Override
    public boolean awaitDone(Duration timeout) {
        return ScopeExit.awaitDone(this, Deadline.nanos(Objects.requireNonNull(timeout, "timeout")));
    }

    @Override
    public void join() {
        ScopeExit.join(this);
    }

    @Override
    public void close() {
        ScopeExit.close(this);
    }

    @Override
    public String toString() {
        return label() + " " + state();
    }
}
