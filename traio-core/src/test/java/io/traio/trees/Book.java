// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.trees.Records.Frame;
import io.traio.trees.Records.OfScope;
import io.traio.trees.Records.OfTask;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** What has happened in one tree, in one order: what was thrown, received, interrupted, and which promises were broken. */
final class Book {

    /** A promise that was broken. */
    record Fault(String promise, String detail) {
        @Override
        public String toString() {
            return promise + ": " + detail;
        }
    }

    /**
     * A failure that has left user code.
     *
     * @param cancelled whether the code was cancelled by then
     * @param mayVanish whether the engine need not keep it, as a cause that comes too late
     */
    record Thrown(long at, String from, Throwable failure, boolean cancelled, boolean mayVanish) {}

    /** A callback that was registered, and how often it ran. */
    record Callback(String name, AtomicInteger runs) {}

    /** A throwable that the engine has given to user code. */
    record Received(long at, Throwable failure) {}

    /** A thread local of the user's that nothing carries. */
    static final ThreadLocal<Object> MDC = new ThreadLocal<>();
    /** A thread local that a propagator carries. */
    static final ThreadLocal<Object> CONTEXT = new ThreadLocal<>();
    /** The user code that runs on a thread. */
    static final ThreadLocal<Frame> TOP = new ThreadLocal<>();

    final Tree tree;
    final Boom.Unchecked shared;
    final AtomicReferenceArray<OfScope> scopes;
    final AtomicReferenceArray<OfTask> tasks;
    final Queue<Thrown> thrown = new ConcurrentLinkedQueue<>();
    final Queue<Received> received = new ConcurrentLinkedQueue<>();
    final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    final List<Long> ownCancels = new CopyOnWriteArrayList<>();
    final List<Long> interruptsSent = new CopyOnWriteArrayList<>();
    final Queue<Callback> callbacks = new ConcurrentLinkedQueue<>();
    /** Our interrupts of the block of a resource: what leaves such a block is not for the engine to say. */
    final Queue<Throwable> interruptsOfBlocks = new ConcurrentLinkedQueue<>();

    final AtomicInteger callbacksRunning = new AtomicInteger();
    /** What callbacks have thrown; the log has it a moment later. */
    final Queue<Throwable> callbackFailures = new ConcurrentLinkedQueue<>();

    final Queue<Throwable> setFailures = new ConcurrentLinkedQueue<>();
    final LogBook log;
    private final AtomicLong clock = new AtomicLong();
    private final Set<Throwable> known =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    private final Queue<Thread> interruptThemselves = new ConcurrentLinkedQueue<>();
    private final Object ownerLock = new Object();

    @Nullable
    private volatile Thread owner;

    @Nullable
    private volatile Thread firstOwner;
    /** How often code on the owner thread has met an interrupt, or the signal of one. */
    volatile int interruptsMet;

    /** Whether an interrupt from outside was sent while the flag was set: the two are one to the thread. */
    volatile boolean interruptsShareFlag;

    volatile boolean factoryClosing;
    /** Whether the tree has been judged, or is ended by force: what comes now counts no more. */
    volatile boolean over;

    Book(Tree tree) {
        this.tree = tree;
        shared = new Boom.Unchecked(tree.seed() + "/shared", null);
        scopes = new AtomicReferenceArray<>(tree.ids());
        tasks = new AtomicReferenceArray<>(tree.ids());
        log = new LogBook(this, tree.debug());
    }

    /** The time in the order of events. */
    long tick() {
        return clock.incrementAndGet();
    }

    void fault(String promise, String detail) {
        if (!over) {
            faults.add(new Fault(promise, detail));
        }
    }

    void require(boolean kept, String promise, String detail) {
        if (!kept) {
            fault(promise, detail);
        }
    }

    /** Notes the throwable; returns whether it is seen for the first time. */
    boolean isNew(Throwable failure) {
        return known.add(failure);
    }

    void threw(String from, Throwable failure, boolean cancelled) {
        known.add(failure);
        thrown.add(new Thrown(tick(), from, failure, cancelled, false));
    }

    /** Whether code that was not cancelled has thrown this: to the engine it is a failure like any other. */
    boolean hasFailedWith(Throwable failure) {
        return thrown.stream().anyMatch(each -> each.failure() == failure && !each.cancelled());
    }

    /** A failure is given to the engine as the cause of a cancellation. */
    void gave(Throwable failure) {
        known.add(failure);
        thrown.add(new Thrown(tick(), "canceller", failure, false, true));
    }

    void received(Throwable failure) {
        received.add(new Received(tick(), failure));
    }

    // ---- interrupts of the owner thread from outside ----

    void ownerBegins() {
        synchronized (ownerLock) {
            owner = Thread.currentThread();
            firstOwner = owner;
        }
    }

    /** No more interrupts are sent from now on. */
    void ownerEnds() {
        synchronized (ownerLock) {
            owner = null;
        }
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // under the lock
    void interruptOwner() {
        synchronized (ownerLock) {
            if (owner != null) {
                interruptsSent.add(System.nanoTime());
                interruptsShareFlag |= owner.isInterrupted();
                owner.interrupt();
            }
        }
    }

    /** Whether the thread is or was the owner: some events come late. */
    boolean isOwnersOwn(Thread thread) {
        return firstOwner == thread;
    }

    boolean isOwner(Thread thread) {
        return owner == thread;
    }

    boolean wasInterruptedFromOutside(Thread thread) {
        return isOwner(thread) && !interruptsSent.isEmpty() || interruptThemselves.contains(thread);
    }

    /** Code on this thread sets its flag, and nobody else has. */
    void interruptsItself() {
        interruptThemselves.add(Thread.currentThread());
    }

    /** Whether code on this thread, which has come to its end now, has set the flag and nobody else has. */
    boolean wasInterruptedByItself() {
        return interruptThemselves.remove(Thread.currentThread());
    }

    /** User code on this thread has met an interrupt: notes whose it was, and who knows of it now. */
    void interruptMet(@Nullable InterruptedException signal) {
        Frame top = TOP.get();
        Thread thread = Thread.currentThread();
        require(
                isInterruptJustified(),
                "interrupt-from-nobody",
                "the code of " + top + " met an interrupt that nobody sent it, on " + thread);
        if (wasInterruptedFromOutside(thread)) {
            noteInterruptMet();
            if (top != null && signal != null && !isCancelledAround(top)) {
                top.theirs = signal;
            }
        }
        signalMet(top);
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // by the owner only
    void noteInterruptMet() {
        interruptsMet++;
    }

    /** The code of a frame has met a cancellation signal, and so has what is around it, if that is cancelled only. */
    static void signalMet(@Nullable Frame frame) {
        for (Frame f = frame; f != null; f = f.around()) {
            f.signalMet = true;
            if (f.isCancelled()) {
                return;
            }
        }
    }

    static boolean isCancelledAround(@Nullable Frame frame) {
        for (Frame f = frame; f != null; f = f.around()) {
            if (f.isCancelled()) {
                return true;
            }
        }
        return false;
    }

    /** Whether somebody can have set the interrupt flag of this thread. */
    boolean isInterruptJustified() {
        if (wasInterruptedFromOutside(Thread.currentThread())) {
            return true;
        }
        for (Frame f = TOP.get(); f != null; f = f.around()) {
            boolean deaf = f.kind == Frame.Kind.TASK && !f.task.step.taskOptions.interruptOnCancel();
            // A callback may run on the owner of a cancelled scope, or on the thread of a task that was abandoned as it
            // started, whose interrupt has not been taken back yet.
            boolean inCancelled = f.kind == Frame.Kind.CALLBACK
                    && (f.scope != null && f.scope.isCancelled() || f.task != null && f.task.isCancelled());
            if (f.isCancelled() && !deaf || inCancelled) {
                return true;
            }
        }
        return false;
    }
}
