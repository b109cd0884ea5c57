// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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
 * A scope: its members, counted and listed, and how far it has come. The steps that change it are in {@link TaskSpawn},
 * {@link TaskFinish}, {@link ScopeEnd} and {@link ScopeExit}; the transitions are in docs/design.md.
 */
final class ScopeNode extends Node implements OpenScope {

    /** Flag of control: no more tasks from outside. */
    private static final long FINAL = 1L << 61;
    /** Flag of control: no more tasks at all, those left have been or are being cancelled. */
    private static final long ENDING = 1L << 62;
    /** Flag of control: nothing runs that is waited for. */
    private static final long DONE = 1L << 63;

    private static final int AWAITED_SHIFT = 30;
    private static final long COUNT = (1L << AWAITED_SHIFT) - 1;
    private static final long LIVE_MEMBER = 1;
    private static final long AWAITED_MEMBER = 1 + (1L << AWAITED_SHIFT);

    private static final int MEMBER = 0;
    private static final int AWAITED = 1;
    private static final int OUT = 2;

    private static final VarHandle CONTROL;
    private static final VarHandle MEMBERSHIP;
    private static final VarHandle END;
    private static final VarHandle FAILURES;
    private static final VarHandle DEADLINE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CONTROL = lookup.findVarHandle(ScopeNode.class, "control", long.class);
            MEMBERSHIP = lookup.findVarHandle(ScopeNode.class, "membership", int.class);
            END = lookup.findVarHandle(ScopeNode.class, "end", EndCause.class);
            FAILURES = lookup.findVarHandle(ScopeNode.class, "failures", Failures.class);
            DEADLINE = lookup.findVarHandle(ScopeNode.class, "deadline", Deadline.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Engine engine;
    final @Nullable ScopeNode parent;
    final ScopeOptions options;
    final boolean shared;
    final long openedAtNanos;
    final LiveList members = new LiveList();
    /** Tasks that wait for a thread or a permit; null if each task gets a thread at once. */
    final @Nullable TaskQueue queue;

    final Stragglers stragglers = new Stragglers(this);

    private volatile long control;
    private volatile @Nullable EndCause end;
    private volatile @Nullable Failures failures;
    private volatile @Nullable Deadline deadline;

    /** What this child is to its parent: a member, an awaited member, or out. */
    private volatile int membership = MEMBER;

    /** What the exit raises. Plain: published by firing {@link #waiters}. */
    private @Nullable Throwable outcome;

    ScopeNode(Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(name, 0);
        this.engine = engine;
        this.parent = parent;
        this.options = options;
        this.shared = shared;
        this.openedAtNanos = now;
        this.queue = TaskQueue.forScope(this);
        CONTROL.set(this, shared ? 0 : AWAITED_MEMBER);
    }

    // ---- membership: one compare-and-set each ----

    /** Counts a new member in; false if the scope takes no more. */
    boolean admit(boolean awaited) {
        for (; ; ) {
            long c = control;
            if ((c & ENDING) != 0 || (c & FINAL) != 0 && !isInside()) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c + (awaited ? AWAITED_MEMBER : LIVE_MEMBER))) {
                return true;
            }
        }
    }

    /** Counts a member out, which may end the scope. */
    void release(boolean awaited) {
        change(awaited ? -AWAITED_MEMBER : -LIVE_MEMBER, 0);
    }

    /** From now on a member is not waited for. */
    void releaseAwaited() {
        change(LIVE_MEMBER - AWAITED_MEMBER, 0);
    }

    /** The body has ended: it is no longer a member, and tasks come from inside only. */
    void releaseBody() {
        change(-AWAITED_MEMBER, FINAL);
    }

    /** No more members at all. */
    void beginEnding() {
        change(0, ENDING);
    }

    /** Only stragglers are left. */
    void giveUp() {
        change(0, DONE);
    }

    private void change(long delta, long flags) {
        long before;
        long after;
        do {
            before = control;
            after = before + delta | flags;
            if ((after & FINAL) != 0 && (after >> AWAITED_SHIFT & COUNT) == 0) {
                after |= ENDING;
            }
            if ((after & ENDING) != 0 && (after & COUNT) == 0) {
                after |= DONE;
            }
        } while (!CONTROL.compareAndSet(this, before, after));
        long changed = after & ~before;
        if ((changed & DONE) != 0) {
            ScopeEnd.done(this);
        } else if ((changed & ENDING) != 0 && (flags & ENDING) == 0) {
            ScopeEnd.cancelMembers(this);
        } else if ((after & DONE) != 0) {
            forgetIfGone();
        } else if ((after & ENDING) != 0) {
            stragglers.giveUpIfOnlyStragglersAreLeft();
        } else if ((after & COUNT) == 0) {
            members.clearIf(() -> (control & COUNT) == 0);
        }
    }

    /** Once the last straggler has ended, nobody lists this scope any more. */
    private void forgetIfGone() {
        if (liveMembers() == 0) {
            engine.forget(this);
        }
    }

    int liveMembers() {
        return (int) (control & COUNT);
    }

    boolean isFinal() {
        return (control & FINAL) != 0;
    }

    boolean isEnding() {
        return (control & ENDING) != 0;
    }

    boolean isDone() {
        return (control & DONE) != 0;
    }

    /** Whether the end has been told to all who wait. */
    @Override
    boolean isDead() {
        return waiters.isFired();
    }

    /** Whether this thread runs in this scope or in one below. */
    boolean isInside() {
        return isSameOrBelow(Frames.currentScope());
    }

    private boolean isSameOrBelow(@Nullable ScopeNode other) {
        for (ScopeNode s = other; s != null; s = s.parent) {
            if (s == this) {
                return true;
            }
        }
        return false;
    }

    /** Makes this child a member of its parent, awaited if it is opened from outside; false if the parent takes none. */
    boolean joinParent() {
        ScopeNode up = parent;
        if (up == null) {
            return engine.admit(this);
        }
        boolean awaited = !shared && !up.isInside();
        if (!up.admit(awaited)) {
            return false;
        }
        membership = awaited ? AWAITED : MEMBER;
        up.members.push(this);
        return true;
    }

    /** From now on the parent waits for this child as for an awaited task. */
    private void becomeAwaited() {
        ScopeNode up = parent;
        if (up != null && up.tryAddAwaited() && !MEMBERSHIP.compareAndSet(this, MEMBER, AWAITED)) {
            up.releaseAwaited();
        }
    }

    private boolean tryAddAwaited() {
        for (; ; ) {
            long c = control;
            if ((c & ENDING) != 0) {
                return false;
            }
            if (CONTROL.compareAndSet(this, c, c + AWAITED_MEMBER - LIVE_MEMBER)) {
                return true;
            }
        }
    }

    /** This scope has ended: it is no member any more. */
    void leaveParent() {
        ScopeNode up = parent;
        if (up != null) {
            up.release((int) MEMBERSHIP.getAndSet(this, OUT) == AWAITED);
        }
    }

    // ---- the end ----

    boolean tryEnd(EndCause cause) {
        return END.compareAndSet(this, null, cause);
    }

    @Nullable
    EndCause end() {
        return end;
    }

    /** The failures after the first, made when the first of them is to be added. */
    Failures failures() {
        Failures known = failures;
        if (known == null) {
            Failures fresh = new Failures();
            known = (Failures) FAILURES.compareAndExchange(this, null, fresh);
            known = known != null ? known : fresh;
        }
        return known;
    }

    @Nullable
    Failures failuresIfAny() {
        return failures;
    }

    /** Saves the failures that hang on the news of a cancellation, which itself is swallowed. */
    void adoptSuppressed(Throwable signal) {
        for (Throwable suppressed : signal.getSuppressed()) {
            if (!(suppressed instanceof RaisedAt)) {
                failures().add(suppressed);
            }
        }
    }

    @Nullable
    Throwable outcome() {
        return outcome;
    }

    void outcome(@Nullable Throwable thrown) {
        outcome = thrown;
    }

    @Nullable
    Deadline deadline() {
        return deadline;
    }

    @Nullable
    Deadline swapDeadline(@Nullable Deadline fresh) {
        return (Deadline) DEADLINE.getAndSet(this, fresh);
    }

    @Override
    void cancelFromAbove() {
        ScopeEnd.cancel(this, CancelReason.PARENT, null);
    }

    @Override
    boolean interruptible() {
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

    RefusedException refused(String what) {
        EndCause cause = end;
        String state = isDone() ? "has ended" : isEnding() ? "is ending" : "is completed";
        String hint = isEnding() ? "" : "; only its own tasks may do that now";
        return new RefusedException(label() + " " + state + (cause != null ? " (" + cause.reason() + ")" : "")
                + " and cannot " + what + hint);
    }

    // ---- Scope ----

    @Override
    public Binding bind() {
        return new BindingNode(this);
    }

    @Override
    public Optional<Scope> parent() {
        return Optional.ofNullable(parent);
    }

    @Override
    public State state() {
        long c = control;
        if (isDead()) {
            return (c & COUNT) == 0 ? State.CLOSED : State.STRAGGLING;
        }
        return (c & ENDING) != 0 ? State.ENDING : (c & FINAL) != 0 ? State.COMPLETED : State.OPEN;
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
        return end != null;
    }

    @Override
    public void complete() {
        if (!isFinal()) {
            becomeAwaited();
            change(0, FINAL);
        }
    }

    @Override
    public void timeout(Duration timeout) {
        ScopeOptions.requirePositive(timeout, "timeout");
        if (isEnding()) {
            throw refused("get a new timeout");
        }
        Deadline.set(this, timeout);
    }

    @Override
    public Optional<Duration> remaining() {
        Deadline earliest = Deadline.effective(this);
        return Optional.ofNullable(earliest).map(d -> Duration.ofNanos(d.remainingNanos()));
    }

    @Override
    public ScopeSnapshot tasks() {
        return Snapshots.of(this);
    }

    @Override
    public void onDone(Consumer<? super Scope> callback) {
        Objects.requireNonNull(callback, "callback");
        Runnable action = () -> engine.observers.call(this, () -> callback.accept(this));
        if (!waiters.add(action)) {
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
