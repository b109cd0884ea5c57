// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.Task;
import io.traio.TaskOptions;
import io.traio.internal.Nanos;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A task: the runnable, the handle and the result in one. What happens to it is in {@link TaskSpawn}, {@link TaskRun} and
 * {@link TaskFinish}.
 */
final class TaskNode<T extends @Nullable Object> extends Node
        implements Task<T>, Runnable, Thread.UncaughtExceptionHandler {

    private static final long NEVER = Long.MIN_VALUE;
    private static final VarHandle STARTED_AT;
    private static final VarHandle CANCELLED_AT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STARTED_AT = lookup.findVarHandle(TaskNode.class, "startedAtNanos", long.class);
            CANCELLED_AT = lookup.findVarHandle(TaskNode.class, "cancelledAtNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ScopeNode scope;
    private final TaskOptions options;

    /** What to do; null once that has been done or never will. Plain: touched by the one thread that runs or ends it. */
    private @Nullable Callable<? extends T> work;

    /** Context of the spawner. */
    final @Nullable Object context;

    /** The value or the failure. Plain: published by the write of the final phase. */
    private @Nullable Object result;

    /** What observers need; null if none observed the spawning. Plain: published by the start of the thread. */
    @Nullable
    Observed observed;

    /** When it was started; 0 until then, {@link #NEVER} if it ended before its start could be reported. */
    private volatile long startedAtNanos;

    /** When it was cancelled. Written by the canceller after the fact: 0 until then. */
    private long cancelledAtNanos;

    /** If a thread was made for this task alone: the frame in which that is. Belongs to {@link CurrentFrame}. */
    @Nullable
    Frame innermost;

    TaskNode(
            ScopeNode scope,
            @Nullable String name,
            Callable<? extends T> work,
            TaskOptions options,
            @Nullable Object context,
            int initialState) {
        super(name, initialState);
        this.scope = scope;
        this.work = work;
        this.options = options;
        this.context = context;
    }

    @Override
    public void run() {
        TaskRun.run(this);
    }

    /** What a task throws does not come here, but an error of the engine would. */
    @Override
    public void uncaughtException(Thread thread, Throwable e) {
        thread.getThreadGroup().uncaughtException(thread, e);
    }

    /** Notes the time of the start; false if the task was abandoned before, and is not to run. */
    boolean startsAt(long nanos) {
        long at = nanos != 0 ? nanos : 1;
        if (options.abandonOnCancel()) {
            return STARTED_AT.compareAndSet(this, 0L, at);
        }
        // Who runs it ends it: no other thread writes.
        STARTED_AT.setRelease(this, at);
        return true;
    }

    boolean hasStarted() {
        long started = startedAtNanos;
        return started != 0 && started != NEVER;
    }

    /** Returns whether it has started; if not, it never will. */
    boolean hasStartedAtEnd() {
        long started = startedAtNanos;
        return started != 0 ? started != NEVER : !STARTED_AT.compareAndSet(this, 0L, NEVER);
    }

    /** When it was started; of no meaning if it has not. */
    long startedAtNanos() {
        return startedAtNanos;
    }

    void cancelledAt(long nanos) {
        CANCELLED_AT.setRelease(this, nanos != 0 ? nanos : 1);
    }

    /** When it was cancelled; 0 until that is known. */
    long cancelledAtNanos() {
        return (long) CANCELLED_AT.getAcquire(this);
    }

    Callable<? extends T> work() {
        return Objects.requireNonNull(work, "work");
    }

    /** Sets the result, to be published by the final phase, and clears the work. */
    void result(@Nullable Object valueOrFailure) {
        work = null;
        result = valueOrFailure;
    }

    /** Returns whether the scope waits for it: until a task that is started is ready, in any case. */
    boolean isAwaited() {
        return options.awaited() || isStarting();
    }

    /** What the code of a task that has ended has thrown; null if nothing, or the task is abandoned. */
    @Nullable
    Throwable thrown() {
        return phase() != SUCCEEDED && !isAbandoned() ? (Throwable) result : null;
    }

    /** The failure of a task that is FAILED. */
    Throwable failure() {
        return (Throwable) Objects.requireNonNull(result, "failure");
    }

    @Override
    boolean isLive() {
        return !isCodeEnded();
    }

    @Override
    boolean interruptible() {
        return options.interruptOnCancel();
    }

    @Override
    String kind() {
        return "task";
    }

    @Override
    void cancelFromAbove() {
        TaskFinish.cancel(this, scope.cancelledAtNanos());
    }

    String labelWithScope() {
        return label() + " of " + scope.label();
    }

    // ---- Task ----

    @Override
    public Scope scope() {
        return scope;
    }

    @Override
    public TaskOptions options() {
        return options;
    }

    @Override
    public Status status() {
        Status status = statusUnseen();
        if (status == Status.FAILED) {
            lookedAtByCallback();
        }
        return status;
    }

    /** The status for those who only print it: for them a failure goes on to be one that nobody has looked at. */
    Status statusUnseen() {
        switch (phase()) {
            case QUEUED, REFUSING:
                return Status.QUEUED;
            case RUNNING:
                return isCancelRequested() ? Status.CANCELLING : isStarting() ? Status.STARTING : Status.RUNNING;
            case SUCCEEDED:
                return Status.SUCCEEDED;
            case FAILED:
                return Status.FAILED;
            case CANCELLED:
                return Status.CANCELLED;
            default:
                return isStraggler() ? Status.STRAGGLING : Status.CANCELLING;
        }
    }

    @Override
    public boolean cancel() {
        boolean queued = phase() == QUEUED;
        boolean announced = announceCancel();
        return (announced || queued) && TaskFinish.cancelAlone(this, announced);
    }

    @Override
    public void awaitEnd() {
        Waits.forEnd(this, Nanos.FOREVER);
    }

    @Override
    public boolean awaitEnd(Duration timeout) {
        return Waits.forEnd(this, Nanos.of(Objects.requireNonNull(timeout, "timeout")));
    }

    @Override
    public boolean isCancelled() {
        return isCancelRequested();
    }

    @Override
    public boolean isDone() {
        return isCodeEnded();
    }

    @Override
    public T join() {
        try {
            Waits.forTask(this, Nanos.FOREVER, false);
        } catch (InterruptedException e) {
            throw Waits.interruptedIn("join of " + labelWithScope(), e);
        }
        return joined();
    }

    /** Joins a task whose failure is the caller's from the start. */
    T joinClaimed() {
        try {
            Waits.forTask(this, Nanos.FOREVER, true);
        } catch (InterruptedException e) {
            throw Waits.interruptedIn("await of " + labelWithScope(), e);
        }
        return joined();
    }

    private T joined() {
        if (phase() == FAILED) {
            lookedAt();
            throw throwing();
        }
        if (phase() == CANCELLED) {
            throw cancelled();
        }
        return value();
    }

    /** What says to a joiner of this task that it was cancelled. */
    RuntimeException cancelled() {
        ScopeCancelledException withScope = cancelledWithScope();
        return withScope != null ? withScope : new CancellationException(labelWithScope() + " was cancelled");
    }

    /** The failure as it is thrown on this thread. */
    RuntimeException throwing() {
        Throwable thrown = TaskFailures.throwable(failure(), labelWithScope());
        if (CurrentFrame.get() instanceof ScopeNode body) {
            Body.noteThrown(body, thrown);
        }
        throw TaskFailures.<RuntimeException>sneaky(thrown);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        Waits.forTask(this, Nanos.FOREVER, false);
        return got();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        long nanos = Math.min(unit.toNanos(timeout), Nanos.FOREVER);
        if (!Waits.forTask(this, nanos, false)) {
            throw new TimeoutException(
                    labelWithScope() + " was not done within " + Nanos.text(Duration.ofNanos(nanos)));
        }
        return got();
    }

    private T got() throws ExecutionException {
        if (phase() == FAILED) {
            lookedAt();
            if (CurrentFrame.get() instanceof ScopeNode body) {
                Body.noteThrown(body, failure());
            }
            throw new ExecutionException(labelWithScope() + " failed: " + Log.describe(failure()), failure());
        }
        if (phase() == CANCELLED) {
            throw cancellation();
        }
        return value();
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // the result of a task that SUCCEEDED is a T, null included
    private T value() {
        return (T) result;
    }

    private CancellationException cancellation() {
        CancellationException exception = new CancellationException(labelWithScope() + " was cancelled");
        ScopeCancelledException withScope = cancelledWithScope();
        if (withScope != null) {
            exception.initCause(withScope);
        }
        return exception;
    }

    private @Nullable ScopeCancelledException cancelledWithScope() {
        CancelCause cause = scope.cause;
        if (cause == null) {
            return null;
        }
        CancelCause root = scope.rootCause();
        return new ScopeCancelledException(
                labelWithScope() + " was cancelled with its scope (" + scope.endText() + ")",
                root != null ? root.failure() : null);
    }

    @Override
    public void onDone(Consumer<? super Task<T>> callback) {
        Objects.requireNonNull(callback, "callback");
        Runnable action = () -> callback.accept(this);
        if (!addCallback() || !onEnd(() -> Callbacks.ofTask(this, action))) {
            Callbacks.run(scope, action);
        }
    }

    @Override
    public CompletableFuture<T> toCompletableFuture() {
        return completing(new TaskFuture<>(this::lookedAt));
    }

    @Override
    public CompletableFuture<T> toCancellingFuture() {
        // Also called where the task itself has completed the future: it has ended then, and this is a no-op.
        return completing(new TaskFuture<>(this::lookedAt, this::cancel));
    }

    private CompletableFuture<T> completing(CompletableFuture<T> future) {
        Runnable action = () -> complete(future);
        if (!addCallback() || !onEnd(() -> Callbacks.ofTask(this, action))) {
            Callbacks.run(scope, action);
        }
        return future;
    }

    private void complete(CompletableFuture<T> future) {
        switch (phase()) {
            case FAILED:
                future.completeExceptionally(failure());
                break;
            case CANCELLED:
                future.completeExceptionally(cancellation());
                break;
            default:
                future.complete(value());
        }
    }

    @Override
    public String toString() {
        return labelWithScope() + " " + statusUnseen();
    }
}
