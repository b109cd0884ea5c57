// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeSnapshot;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.spi.CancellationSignals;
import io.traio.spring.boot.internal.LazyScope;
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
final class HandlerScope {

    private final Supplier<OpenScope> opener;
    private final Consumer<OpenScope> whenOpened;
    private final AtomicReference<@Nullable OpenScope> scope = new AtomicReference<>();
    private final LazyScope lazy = new LazyScope(this::get, scope::get);
    private final AtomicBoolean ended = new AtomicBoolean();

    HandlerScope(Supplier<OpenScope> opener) {
        this(opener, opened -> {});
    }

    /** With what is called once, after the scope has been opened and is known here. */
    HandlerScope(Supplier<OpenScope> opener, Consumer<OpenScope> whenOpened) {
        this.opener = opener;
        this.whenOpened = whenOpened;
    }

    /** Makes it the current scope of this thread, opened when code asks for the current scope. */
    Scope.Binding bind() {
        return lazy.bind();
    }

    /** Returns the scope, and opens it if it is not open. */
    Scope get() {
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

    /** Returns the scope if it was opened, else null. */
    @Nullable
    OpenScope opened() {
        return scope.get();
    }

    boolean isEnded() {
        return ended.get();
    }

    /** Waits for the tasks; returns the failure of the scope, or null. */
    @Nullable
    Throwable join() {
        return end(false);
    }

    /** Cancels the tasks and waits for them; returns the failure of the scope, or null. */
    @Nullable
    Throwable cancelAndJoin() {
        return end(true);
    }

    /**
     * The code in the scope failed, which is no failure of the scope unless it is a timeout: cancels the tasks that are left and waits for them.
     *
     * @return what to throw: the given failure, or the one that had ended the scope before
     */
    Throwable fail(Throwable failure) {
        noteTimeout(failure);
        return outcome(failure, end(true));
    }

    /** To be called before the scope of failed code ends: a timeout of a child is one of the scope. */
    void noteTimeout(Throwable failure) {
        OpenScope open = scope.get();
        if (open != null && failure instanceof ScopeTimeoutException) {
            // That of a child: the request ends because time is up. A no-op if the scope was cancelled before.
            open.cancel(failure);
        }
    }

    /** Returns what to throw where code has failed, and its scope has ended with the outcome, which is null if it is none. */
    Throwable outcome(Throwable failure, @Nullable Throwable outcome) {
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
        return new ScopeCancelledException(
                "scope '" + open.displayName() + "' (#" + open.id() + ") was cancelled", failure);
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
    void cancel() {
        ended.set(true);
        OpenScope open = scope.get();
        if (open != null) {
            open.cancel();
        }
    }

    /** Returns whether the end has not begun before; the caller reports it. */
    boolean claimEnd() {
        return ended.compareAndSet(false, true);
    }

    /**
     * Begins the end, and does not wait for it.
     *
     * @param cancel whether the tasks that are left are cancelled
     * @return the scope, whose end is to be awaited; null if it was not opened, or the end has begun before
     */
    @Nullable
    OpenScope beginEnd(boolean cancel) {
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

    /** Returns the failure of a scope that has ended, or null. */
    static @Nullable Throwable failureOf(Scope done) {
        try {
            done.awaitDone();
            return null;
        } catch (Throwable failure) {
            return failure;
        }
    }

    /** Waits for a scope that was {@link #cancel() cancelled}; returns its failure, or null. */
    @Nullable
    Throwable awaitCancelled() {
        OpenScope open = scope.get();
        return open != null && !isInside(open) ? await(open) : null;
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
        ScopeSnapshot left = open.snapshot();
        return !left.tasks().isEmpty() || !left.children().isEmpty();
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
