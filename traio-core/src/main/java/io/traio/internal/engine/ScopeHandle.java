// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Action;
import io.traio.Scope;
import io.traio.ScopeOpener;
import io.traio.ScopeOptions;
import io.traio.ScopeSnapshot;
import io.traio.Started;
import io.traio.Task;
import io.traio.TaskOptions;
import io.traio.internal.Nanos;
import io.traio.internal.SpawnRefusedException;
import io.traio.spi.CancelReason;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A scope, as its users call it. The steps that change it are in {@link TaskSpawn}, {@link TaskFinish}, {@link ScopeEnd},
 * {@link ScopeExit} and {@link OpenHandle}.
 */
final class ScopeHandle extends ScopeNode {

    private static final TaskOptions TO_JOIN = TaskOptions.DEFAULT.withToJoin(true);

    ScopeHandle(
            Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared, now);
    }

    @Override
    void cancelFromAbove() {
        if (!isCancelled()) {
            ScopeEnd.cancel(this, CancelReason.PARENT, null);
        }
    }

    @Override
    public Binding bind() {
        return BoundFrame.to(this);
    }

    @Override
    public Optional<Scope> parent() {
        return Optional.ofNullable(parent);
    }

    @Override
    public State state() {
        if (closed) {
            return liveMembers() == 0 ? State.CLOSED : State.STRAGGLING;
        }
        return isEnding() ? State.ENDING : isFinal() ? State.COMPLETING : State.OPEN;
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawn(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options) {
        return TaskSpawn.spawn(this, Objects.requireNonNull(name, "name"), task, apply(taskDefaults(), options), false);
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawn(String name, Callable<? extends T> task) {
        return TaskSpawn.spawn(this, Objects.requireNonNull(name, "name"), task, taskDefaults(), false);
    }

    @Override
    public <A extends Action> Task<@Nullable Void> spawn(String name, A task, TaskOptions.Change... options) {
        return TaskSpawn.spawn(
                this, Objects.requireNonNull(name, "name"), callable(task), apply(taskDefaults(), options), false);
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawn(Callable<? extends T> task) {
        return TaskSpawn.spawn(this, null, task, taskDefaults(), false);
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawn(Callable<? extends T> task, UnaryOperator<TaskOptions> options) {
        return TaskSpawn.spawn(this, null, task, apply(taskDefaults(), options), false);
    }

    @Override
    public <A extends Action> Task<@Nullable Void> spawn(A task, TaskOptions.Change... options) {
        return TaskSpawn.spawn(this, null, callable(task), apply(taskDefaults(), options), false);
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawnToJoin(String name, Callable<? extends T> task) {
        return TaskSpawn.spawn(this, Objects.requireNonNull(name, "name"), task, toJoin(), false);
    }

    @Override
    public <T extends @Nullable Object> Task<T> spawnToJoin(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options) {
        return TaskSpawn.spawn(this, Objects.requireNonNull(name, "name"), task, apply(toJoin(), options), false);
    }

    @Override
    public <A extends Action> Task<@Nullable Void> spawnToJoin(String name, A task, TaskOptions.Change... options) {
        return TaskSpawn.spawn(
                this, Objects.requireNonNull(name, "name"), callable(task), apply(toJoin(), options), false);
    }

    @Override
    public <T extends @Nullable Object> Optional<Task<T>> trySpawn(String name, Callable<? extends T> task) {
        return tryToSpawn(Objects.requireNonNull(name, "name"), task, taskDefaults());
    }

    @Override
    public <T extends @Nullable Object> Optional<Task<T>> trySpawn(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options) {
        return tryToSpawn(Objects.requireNonNull(name, "name"), task, apply(taskDefaults(), options));
    }

    @Override
    public <A extends Action> Optional<Task<@Nullable Void>> trySpawn(
            String name, A task, TaskOptions.Change... options) {
        Objects.requireNonNull(name, "name");
        return tryToSpawn(name, callable(task), apply(taskDefaults(), options));
    }

    private <T extends @Nullable Object> Optional<Task<T>> tryToSpawn(
            String name, Callable<? extends T> task, TaskOptions options) {
        Objects.requireNonNull(task, "task");
        try {
            return Optional.of(TaskSpawn.spawn(this, name, task, options, false));
        } catch (SpawnRefusedException | RejectedExecutionException e) {
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

    @Override
    public <T extends @Nullable Object> T await(
            String name, Callable<? extends T> task, UnaryOperator<TaskOptions> options) {
        Objects.requireNonNull(name, "name");
        TaskNode<T> claimed = TaskSpawn.spawn(this, name, task, apply(taskDefaults(), options), true);
        return claimed.joinClaimed();
    }

    @Override
    public <A extends Action> void await(String name, A task, TaskOptions.Change... options) {
        TaskOptions chosen = apply(taskDefaults(), options);
        TaskSpawn.spawn(this, Objects.requireNonNull(name, "name"), callable(task), chosen, true)
                .joinClaimed();
    }

    @Override
    public <V extends @Nullable Object> Started<V> start(
            String name, Started.Body<V> task, UnaryOperator<TaskOptions> options) {
        return TaskStart.start(this, Objects.requireNonNull(name, "name"), task, apply(taskDefaults(), options));
    }

    @Override
    public <V extends @Nullable Object> Started<V> start(String name, Started.Body<V> task) {
        return TaskStart.start(this, Objects.requireNonNull(name, "name"), task, taskDefaults());
    }

    private <T extends @Nullable Object> TaskNode<T> claimed(@Nullable String name, Callable<? extends T> task) {
        return TaskSpawn.spawn(this, name, task, taskDefaults(), true);
    }

    private TaskOptions taskDefaults() {
        return options.taskDefaults();
    }

    private TaskOptions toJoin() {
        TaskOptions defaults = taskDefaults();
        return defaults == TaskOptions.DEFAULT ? TO_JOIN : defaults.withToJoin(true);
    }

    private static TaskOptions apply(TaskOptions defaults, UnaryOperator<TaskOptions> options) {
        TaskOptions chosen = Objects.requireNonNull(options, "options").apply(defaults);
        return Objects.requireNonNull(chosen, "result of options");
    }

    private static TaskOptions apply(TaskOptions defaults, TaskOptions.Change[] changes) {
        TaskOptions chosen = defaults;
        for (TaskOptions.Change change : changes) {
            chosen = apply(chosen, change);
        }
        return chosen;
    }

    private static Callable<@Nullable Void> callable(Action task) {
        Objects.requireNonNull(task, "task");
        return () -> {
            task.run();
            return null;
        };
    }

    @Override
    public <R extends AutoCloseable> R use(R resource) {
        Objects.requireNonNull(resource, "resource");
        Resources.register(this, resource::close);
        return resource;
    }

    @Override
    public <R extends @Nullable Object> R use(Callable<? extends R> acquire, Release<? super R> release) {
        Objects.requireNonNull(acquire, "acquire");
        return Resources.acquire(this, acquire, Objects.requireNonNull(release, "release"));
    }

    @Override
    public void defer(Action release) {
        Resources.register(this, Objects.requireNonNull(release, "release"));
    }

    @Override
    ScopeOpener openBelow() {
        return new Opener(engine, this);
    }

    @Override
    public ScopeOpener fork() {
        if (isEnding()) {
            throw refused("fork");
        }
        return openBelow();
    }

    @Override
    public void cancel() {
        ScopeEnd.cancel(this, CancelReason.EXPLICIT, null);
    }

    @Override
    public void cancel(String reason) {
        Objects.requireNonNull(reason, "reason");
        ScopeEnd.cancel(this, CancelCause.explicit(reason, null, engine.nanoTime()));
    }

    @Override
    public void cancel(String reason, Throwable cause) {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(cause, "cause");
        if (!ScopeEnd.cancel(this, CancelCause.explicit(reason, cause, engine.nanoTime()))) {
            Failures.of(this).add(cause);
        }
    }

    @Override
    public void cancel(Throwable cause) {
        ScopeEnd.cancel(this, CancelReason.EXPLICIT, Objects.requireNonNull(cause, "cause"));
    }

    @Override
    public void complete() {
        if (!isFinal()) {
            if (shared && parent != null) {
                ScopeEnd.follow(parent, Admission.awaitChild(this, parent));
            }
            engine.observers.scopeCompleted(this);
            ScopeEnd.follow(this, Admission.beginFinal(this));
            ScopeEnd.countOutLost(this);
        }
    }

    @Override
    public void setTimeout(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout must be positive, but was " + Nanos.text(timeout));
        }
        if (isEnding()) {
            throw refused("get a new timeout");
        }
        engine.observers.timeoutSet(this, timeout);
        Deadline.set(this, timeout, false);
    }

    @Override
    public void setShielded(boolean shielded) {
        if (isEnding()) {
            throw refused(shielded ? "be shielded" : "lose its shield");
        }
        if (shielded) {
            Shield.raise(this);
        } else {
            Shield.lower(this);
            ScopeEnd.cancelIfFromAbove(this, enclosing());
        }
    }

    @Override
    public Optional<Duration> remaining() {
        CancelCause cause = this.cause;
        if (cause != null && cause.timeout() != null) {
            return Optional.of(Duration.ZERO);
        }
        if (closed) {
            return Optional.empty();
        }
        Deadline earliest = Deadline.effective(this);
        return Optional.ofNullable(earliest).map(d -> Duration.ofNanos(d.remainingNanos()));
    }

    @Override
    public ScopeSnapshot snapshot() {
        return snapshot(Integer.MAX_VALUE);
    }

    @Override
    public ScopeSnapshot snapshot(int max) {
        return Snapshots.of(this, /* stacks= */ false, max);
    }

    @Override
    public ScopeSnapshot dump() {
        return dump(Integer.MAX_VALUE);
    }

    @Override
    public ScopeSnapshot dump(int max) {
        return Snapshots.of(this, /* stacks= */ true, max);
    }

    @Override
    public void onDone(Consumer<? super Scope> callback) {
        Objects.requireNonNull(callback, "callback");
        Runnable action = () -> Callbacks.ofScope(this, () -> callback.accept(this));
        if (!onEnd(action)) {
            action.run();
        }
    }

    @Override
    public void awaitDone() {
        OpenHandle.awaitDone(this, Nanos.FOREVER);
    }

    @Override
    public boolean awaitDone(Duration timeout) {
        return OpenHandle.awaitDone(this, Nanos.of(Objects.requireNonNull(timeout, "timeout")));
    }

    @Override
    public void join() {
        OpenHandle.join(this);
    }

    @Override
    public void close() {
        OpenHandle.close(this);
    }

    @Override
    public String toString() {
        return label() + " " + state();
    }
}
