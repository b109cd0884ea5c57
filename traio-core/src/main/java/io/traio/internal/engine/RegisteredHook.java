// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Action;
import io.traio.Scope;
import io.traio.internal.Nanos;
import io.traio.internal.SystemTimeSource;
import io.traio.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A hook for the cancellation of the code that a thread is in. It is listed in the node of the innermost frame, and in those
 * of the frames around that may be cancelled without that one. A canceller has it called by the thread of an alarm.
 *
 * <pre>
 * OPEN ──► DUE ──► CALLED ──► OVER     by the canceller; by the thread that calls it
 *   └───────┴────────────────┴──────► CLOSED   by the thread that has registered it, which waits while it is CALLED
 * </pre>
 */
final class RegisteredHook extends WaitList.Hook implements Scope.CancelHook {

    private static final int OPEN = 0;
    private static final int DUE = 1;
    private static final int CALLED = 2;
    private static final int OVER = 3;
    private static final int CLOSED = 4;

    private static final Scope.CancelHook NONE = () -> {};
    private static final VarHandle STATE;
    private static final VarHandle HELD;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            STATE = lookup.findVarHandle(RegisteredHook.class, "state", int.class);
            HELD = lookup.findVarHandle(RegisteredHook.class, "held", Frame.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Action action;
    private final Frame frame;
    private final ScopeNode scope;
    private final Thread owner = Thread.currentThread();
    private final long interruptAfterNanos;
    private volatile int state;
    private List<Node> nodes = List.of();

    /** The outermost frame whose interrupts wait; null if none do. Who takes it ends that. */
    private volatile @Nullable Frame held;

    /** Whether an alarm may be ending that. */
    private volatile boolean sending;

    private volatile TimeSource.@Nullable Alarm alarm;

    private RegisteredHook(Action action, Frame frame, ScopeNode scope, long interruptAfterNanos) {
        this.action = action;
        this.frame = frame;
        this.scope = scope;
        this.interruptAfterNanos = interruptAfterNanos;
    }

    /** Registers a hook in the innermost frame of this thread; a no-op outside of any. */
    static Scope.CancelHook register(Action action, Duration interruptAfter) {
        ScopeNode scope = CurrentFrame.scope();
        Frame frame = CurrentFrame.get();
        if (frame == null || scope == null) {
            return NONE;
        }
        RegisteredHook hook = new RegisteredHook(action, frame, scope, Nanos.of(interruptAfter));
        hook.enter();
        return hook;
    }

    private void enter() {
        if (interruptAfterNanos > 0) {
            held = HeldInterrupts.hold(frame);
        }
        boolean cancelled = false;
        Frame inner = null;
        for (Frame f = frame; f != null; f = Shield.next(f)) {
            ScopeNode of = CurrentFrame.scopeOf(f);
            Node node = f instanceof Node own ? own : of;
            if (node != null && (inner == null || !isCancelledWith(inner, of))) {
                node.addHook(this);
                nodes = with(nodes, node);
            }
            // After it was added: a canceller finds the hook, or is found here.
            cancelled |= f.isCancelRequested() || node instanceof ScopeNode known && known.isCancelled();
            inner = f;
        }
        if (cancelled) {
            run();
        }
    }

    /** Returns whether the code in a frame is cancelled with what is directly around it. */
    private static boolean isCancelledWith(Frame inner, @Nullable ScopeNode around) {
        return inner instanceof ScopeNode child && child.parent != null && child.parent == around;
    }

    private static List<Node> with(List<Node> nodes, Node node) {
        if (nodes.isEmpty()) {
            return List.of(node);
        }
        List<Node> all = new ArrayList<>(nodes);
        all.add(node);
        return all;
    }

    // ---- the canceller ----

    @Override
    public void run() {
        if (STATE.compareAndSet(this, OPEN, DUE)) {
            try {
                SystemTimeSource.INSTANCE.schedule(0, this::call);
                if (interruptAfterNanos > 0 && interruptAfterNanos < Nanos.FOREVER) {
                    TimeSource.Alarm set = scope.engine.time.schedule(interruptAfterNanos, this::interrupt);
                    alarm = set;
                    if (state == CLOSED) {
                        set.cancel();
                    }
                }
            } catch (Throwable e) {
                // The canceller has others to cancel.
                scope.engine.observers.hookFailed(scope, e);
            }
        }
    }

    // ---- threads of alarms ----

    private void call() {
        if (!STATE.compareAndSet(this, DUE, CALLED)) {
            return;
        }
        Thread self = Thread.currentThread();
        @Nullable ClassLoader loader = self.getContextClassLoader();
        try {
            self.setContextClassLoader(loaderOfOwner(loader));
            Callbacks.ofHook(action);
        } catch (Throwable e) {
            scope.engine.observers.hookFailed(scope, e);
        } finally {
            self.setContextClassLoader(loader);
        }
        // The thread is one of a pool.
        Thread.interrupted();
        STATE.compareAndSet(this, CALLED, OVER);
        LockSupport.unpark(owner);
    }

    private @Nullable ClassLoader loaderOfOwner(@Nullable ClassLoader otherwise) {
        try {
            return owner.getContextClassLoader();
        } catch (RuntimeException broken) {
            // The thread may be one of the application's: that is no reason not to call the hook.
            return otherwise;
        }
    }

    /** The hook has had its time, and the code runs on. */
    private void interrupt() {
        sending = true;
        try {
            Frame last = takeHeld();
            if (last != null) {
                // First: code that may know is given up when its grace period is over.
                Stragglers.beginGrace(frame, scope.engine.nanoTime());
                HeldInterrupts.send(frame, last);
            }
        } finally {
            sending = false;
            LockSupport.unpark(owner);
        }
    }

    private @Nullable Frame takeHeld() {
        return (Frame) HELD.getAndSet(this, null);
    }

    // ---- the thread that has registered it ----

    @Override
    public void close() {
        if (owner != Thread.currentThread()) {
            throw new IllegalStateException("The hook for the cancellation of " + frame.label()
                    + " was registered by " + owner + " and cannot be closed by " + Thread.currentThread()
                    + ". Close it where it was registered, by try-with-resources");
        }
        end();
    }

    @Override
    void endWith(Frame left) {
        if (left == frame && owner == Thread.currentThread()) {
            end();
        }
    }

    private void end() {
        if (state == CLOSED) {
            return;
        }
        boolean due = !STATE.compareAndSet(this, OPEN, CLOSED);
        while (due && !tryClose()) {
            await(() -> state != CALLED);
        }
        TimeSource.Alarm set = alarm;
        if (set != null) {
            set.cancel();
        }
        for (Node node : nodes) {
            node.removeWaiter(this);
        }
        if (interruptAfterNanos > 0) {
            release(due);
        }
    }

    private boolean tryClose() {
        return STATE.compareAndSet(this, DUE, CLOSED) || STATE.compareAndSet(this, OVER, CLOSED);
    }

    private void release(boolean due) {
        Frame last = takeHeld();
        if (last == null) {
            await(() -> !sending);
            return;
        }
        if (due) {
            Stragglers.beginGrace(frame, scope.engine.nanoTime());
        }
        HeldInterrupts.release(frame, last);
    }

    private void await(BooleanSupplier over) {
        if (!over.getAsBoolean()) {
            Frame innermost = CurrentFrame.get();
            Waits.uninterruptibly(innermost != null ? innermost : frame, over);
        }
    }
}
