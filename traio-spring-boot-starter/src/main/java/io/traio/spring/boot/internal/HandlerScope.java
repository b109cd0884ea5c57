// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.internal;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.spi.CancellationSignals;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The scope of the code that handles a request, or an error of it: opened on first use by any thread, ended once. A thread
 * that first asks for it after its end gets a cancelled scope, just as if it had been open before.
 *
 * <p>Thread-safe.
 */
public final class HandlerScope {

    private final Supplier<OpenScope> opener;
    private final Consumer<OpenScope> whenOpened;
    private final AtomicReference<@Nullable OpenScope> scope = new AtomicReference<>();
    private final LazyScope lazy = new LazyScope(this::get, scope::get);
    private final AtomicBoolean ended = new AtomicBoolean();

    /**
     * Creates a scope that is not open yet.
     *
     * @param opener opens it, as a shared one
     */
    public HandlerScope(Supplier<OpenScope> opener) {
        this(opener, opened -> {});
    }

    /**
     * Creates a scope that is not open yet.
     *
     * @param opener opens it, as a shared one
     * @param whenOpened called once, after the scope was opened and is known here
     */
    public HandlerScope(Supplier<OpenScope> opener, Consumer<OpenScope> whenOpened) {
        this.opener = opener;
        this.whenOpened = whenOpened;
    }

    /**
     * Makes it the current scope of this thread, opened when code asks for the current scope.
     *
     * @return the binding, which this thread must close
     */
    public Scope.Binding bind() {
        return lazy.bind();
    }

    /**
     * Returns the scope, and opens it if it is not open.
     *
     * @return the scope
     */
    public Scope get() {
        OpenScope known = scope.get();
        if (known != null) {
            return known;
        }
        OpenScope fresh = opener.get();
        OpenScope other = scope.compareAndExchange(null, fresh);
        if (other == null) {
            whenOpened.accept(fresh);
        }
        // Published before the flag is read, while the end sets the flag before it reads the scope: one sees the other.
        if (other != null || ended.get()) {
            fresh.close();
        }
        return other != null ? other : fresh;
    }

    /**
     * Returns the scope if it was opened.
     *
     * @return the scope, or null
     */
    public @Nullable OpenScope opened() {
        return scope.get();
    }

    /**
     * Returns whether its end has begun.
     *
     * @return whether it was ended or cancelled
     */
    public boolean isEnded() {
        return ended.get();
    }

    /**
     * Waits for the tasks.
     *
     * @return the failure of the scope, or null
     */
    public @Nullable Throwable join() {
        return end(false);
    }

    /**
     * Cancels the tasks and waits for them.
     *
     * @return the failure of the scope, or null
     */
    public @Nullable Throwable cancelAndJoin() {
        return end(true);
    }

    /**
     * The code in the scope failed, which is no failure of the scope unless it is a timeout: cancels the tasks that are left
     * and waits for them.
     *
     * @param failure what the code has thrown
     * @return what to throw: the given failure, or the one that had ended the scope before
     */
    public Throwable fail(Throwable failure) {
        noteTimeout(failure);
        return outcome(failure, end(true));
    }

    /**
     * To be called before the scope of failed code ends: a timeout of a child is one of the scope.
     *
     * @param failure what the code has thrown
     */
    public void noteTimeout(Throwable failure) {
        OpenScope open = scope.get();
        if (open != null && failure instanceof ScopeTimeoutException) {
            // That of a child: the request ends because time is up. A no-op if the scope was cancelled before.
            open.cancel(failure);
        }
    }

    /**
     * Returns what to throw where code has failed and its scope has ended.
     *
     * @param failure what the code has thrown
     * @param outcome the failure of the scope, or null
     * @return the one of them that says more
     */
    public Throwable outcome(Throwable failure, @Nullable Throwable outcome) {
        if (outcome == null) {
            return asCancelled(failure);
        }
        if (outcome == failure || outcome.getCause() == failure) {
            return failure;
        }
        if (!isKnownTo(outcome, failure)) {
            outcome.addSuppressed(failure);
        }
        return outcome;
    }

    /** A scope that was cancelled takes no more tasks: the code that spawned one was cancelled, too, and did not fail. */
    private Throwable asCancelled(Throwable failure) {
        OpenScope open = scope.get();
        if (open == null
                || !open.isCancelled()
                || failure instanceof ScopeCancelledException
                || !CancellationSignals.isRefusal(failure)) {
            return failure;
        }
        return cancelled(open, failure);
    }

    /**
     * Returns what to throw for a scope that was cancelled.
     *
     * @param scope the scope
     * @param cause what has come of that; null if nothing has
     * @return a new exception that says by what the scope was cancelled, and with which words
     */
    public static ScopeCancelledException cancelled(Scope scope, @Nullable Throwable cause) {
        return new ScopeCancelledException(
                "scope '" + scope.displayName() + "' (#" + scope.id() + ") was cancelled ("
                        + scope.snapshot(1).cancelled() + ")",
                cause);
    }

    /** Returns whether one failure is recorded in the other; a scope that has ended takes no more failures. */
    private static boolean isKnownTo(Throwable outcome, Throwable failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause == outcome) {
                return true;
            }
        }
        return List.of(outcome.getSuppressed()).contains(failure);
    }

    /** Cancels the tasks without waiting. */
    public void cancel() {
        ended.set(true);
        OpenScope open = scope.get();
        if (open != null) {
            open.cancel();
        }
    }

    /**
     * Claims the end, which the caller reports.
     *
     * @return whether it has not begun before
     */
    public boolean claimEnd() {
        return ended.compareAndSet(false, true);
    }

    /**
     * Begins the end, and does not wait for it.
     *
     * @param cancel whether the tasks that are left are cancelled
     * @return the scope, whose end is to be awaited; null if it was not opened, or the end has begun before
     */
    public @Nullable OpenScope beginEnd(boolean cancel) {
        OpenScope open = claimEnd() ? scope.get() : null;
        if (open != null) {
            // As in end().
            open.complete();
            if (cancel && hasMembers(open)) {
                open.cancel();
            }
        }
        return open;
    }

    /**
     * Returns the failure of a scope that has ended.
     *
     * @param done the scope
     * @return its failure, or null
     */
    public static @Nullable Throwable failureOf(Scope done) {
        try {
            done.awaitDone();
            return null;
        } catch (Throwable failure) {
            return failure;
        }
    }

    /**
     * Waits for a scope that was {@link #cancel() cancelled}.
     *
     * @return its failure, or null
     */
    public @Nullable Throwable awaitCancelled() {
        OpenScope open = scope.get();
        return open != null && !isInside(open) ? await(open) : null;
    }

    /**
     * Ends the scope without waiting: takes no more tasks from outside, and calls back when the tasks that are left have ended.
     * The code that calls this may be one of them.
     *
     * @param cancel whether to cancel those tasks
     * @param then gets the failure of the scope, or null; called here if nothing is left
     * @return whether this has ended the scope; if not, it was ended before, and does not call back
     */
    public boolean end(boolean cancel, Consumer<@Nullable Throwable> then) {
        if (!claimEnd()) {
            return false;
        }
        OpenScope open = scope.get();
        if (open == null) {
            then.accept(null);
            return true;
        }
        open.complete();
        boolean cancelled = cancel && hasMembers(open);
        if (cancelled) {
            open.cancel();
        }
        open.onDone(done -> {
            Throwable failure = await(open);
            // That it was cancelled is no failure of it here.
            then.accept(cancelled && failure instanceof ScopeCancelledException ? null : failure);
        });
        return true;
    }

    private @Nullable Throwable end(boolean cancel) {
        if (!claimEnd()) {
            return null;
        }
        OpenScope open = scope.get();
        if (open == null) {
            return null;
        }
        // A scope with nothing left in it ends here, by itself, and not by a cancellation.
        open.complete();
        if (isInside(open)) {
            // A task of the scope ends the request: it cannot wait for itself.
            return null;
        }
        if (cancel && hasMembers(open)) {
            close(open);
        }
        return await(open);
    }

    /** Returns whether anything is left to cancel; a task that has just ended may not have left its scope yet. */
    private static boolean hasMembers(OpenScope open) {
        return open.snapshot(1).omitted() > 0;
    }

    private static void close(OpenScope open) {
        try {
            open.close();
        } catch (StragglerException thrownByTheJoin) {
            // It is the outcome of the scope.
        }
    }

    private static @Nullable Throwable await(OpenScope open) {
        try {
            open.join();
            return null;
        } catch (ScopeInterruptedException e) {
            return interrupted(open, e);
        } catch (Throwable e) {
            return e;
        }
    }

    /** Closes the scope when this thread was interrupted from outside, or a task failed so: no task may run on. */
    private static Throwable interrupted(OpenScope open, ScopeInterruptedException interruption) {
        try {
            open.close();
        } catch (RuntimeException straggling) {
            interruption.addSuppressed(straggling);
        }
        return interruption;
    }

    private static boolean isInside(Scope scope) {
        Scope around = Scope.current().orElse(null);
        while (around != null && around != scope) {
            around = around.parent().orElse(null);
        }
        return around != null;
    }
}
