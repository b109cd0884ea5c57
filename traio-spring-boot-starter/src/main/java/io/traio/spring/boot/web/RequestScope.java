// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeInterruptedException;
import io.traio.spring.boot.context.LazyScope;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One scope of a request: opened on first use by any thread, ended once. Who first asks for it after its end gets one
 * that is cancelled, just as if it had been open before.
 */
final class RequestScope {

    private final Supplier<OpenScope> opener;
    private final AtomicReference<@Nullable OpenScope> scope = new AtomicReference<>();
    private final LazyScope lazy = new LazyScope(this::get, scope::get);
    private final AtomicBoolean ended = new AtomicBoolean();

    RequestScope(Supplier<OpenScope> opener) {
        this.opener = opener;
    }

    /** Makes it the current scope of this thread, to be opened when somebody asks for that. */
    Scope.Binding bind() {
        return lazy.bind();
    }

    /** The scope, opened if it is not. */
    Scope get() {
        OpenScope known = scope.get();
        if (known != null) {
            return known;
        }
        OpenScope fresh = opener.get();
        OpenScope other = scope.compareAndExchange(null, fresh);
        // Published before the flag is read, while the end sets the flag before it reads the scope: one sees the other.
        if (other != null || ended.get()) {
            fresh.close();
        }
        return other != null ? other : fresh;
    }

    /** The scope, if it was opened. */
    @Nullable
    OpenScope opened() {
        return scope.get();
    }

    boolean isEnded() {
        return ended.get();
    }

    /** Waits for the tasks; what the scope failed with, or null. */
    @Nullable
    Throwable join() {
        return end(null, false);
    }

    /** Cancels the tasks and waits for them; what the scope failed with, or null. */
    @Nullable
    Throwable cancelAndJoin() {
        return end(null, true);
    }

    /**
     * The code in the scope failed: cancels the tasks and waits for them.
     *
     * @return what to raise: the given failure, or that which had ended the scope before
     */
    Throwable fail(Throwable failure) {
        Throwable outcome = end(failure, true);
        if (outcome == null || outcome == failure || outcome.getCause() == failure) {
            return failure;
        }
        if (!isKnownTo(outcome, failure)) {
            outcome.addSuppressed(failure);
        }
        return outcome;
    }

    /** Whether the first tells of the second, or is told of by it; a scope that had ended takes no more failures. */
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

    /** Waits for a scope that was {@link #cancel() cancelled}; what it failed with, or null. */
    @Nullable
    Throwable awaitCancelled() {
        OpenScope open = scope.get();
        return open != null ? await(open) : null;
    }

    private @Nullable Throwable end(@Nullable Throwable failure, boolean cancel) {
        if (!ended.compareAndSet(false, true)) {
            return null;
        }
        OpenScope open = scope.get();
        if (open == null) {
            return null;
        }
        if (failure != null) {
            open.cancel(failure);
        } else if (cancel) {
            open.cancel();
        }
        return await(open);
    }

    private static @Nullable Throwable await(OpenScope open) {
        if (isInside(open)) {
            // A task of the scope ends the request; it cannot wait for itself.
            open.complete();
            return null;
        }
        try {
            open.join();
            return null;
        } catch (ScopeInterruptedException e) {
            return interrupted(open, e);
        } catch (Throwable e) {
            return e;
        }
    }

    /** This thread was interrupted from outside, or a task failed like that: in any case nothing may run on. */
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
