// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.spi.CancellationSignals;
import io.traio.spring.boot.internal.HandlerScope;
import io.traio.spring.boot.internal.Rethrow;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.async.AsyncRequestTimeoutException;

/**
 * The handling of a request, kept in an attribute of the request: holds the scope of the code that handles it. When that
 * code has returned or failed, its scope ends; what runs afterwards, such as an exception handler, has a scope of its own,
 * prepared here.
 */
final class RequestHandling {

    private static final String ATTRIBUTE = RequestHandling.class.getName();

    private final RequestScopeFactory<?> scopes;
    private final RequestScopeFactory.@Nullable Limit limit;
    /** The scopes that are to be awaited; null until one is cancelled, which few requests have. */
    private final AtomicReference<@Nullable Cancelled> cancelled = new AtomicReference<>();

    private final AtomicBoolean over = new AtomicBoolean();
    private volatile HandlerScope current;
    private volatile boolean timedOut;

    /** Whether a dispatch is filtered, so that those inside it are not; owned by its thread. */
    private boolean dispatched;

    /** A failure that came after the response had been committed; owned by the thread of the current dispatch. */
    private @Nullable Throwable late;

    /** The binding of the current dispatch, owned by its thread. Dispatches of a request follow each other. */
    private Scope.@Nullable Binding binding;

    RequestHandling(RequestScopeFactory<?> scopes, RequestScopeFactory.@Nullable Limit limit) {
        this.scopes = scopes;
        this.limit = limit;
        this.current = scopes.prepare(limit);
    }

    /** Returns a handling that is over already, for a request that is refused. */
    static RequestHandling refused(RequestScopeFactory<?> scopes, HttpServletRequest request) {
        RequestHandling handling = new RequestHandling(scopes, limitOf(request));
        handling.over.set(true);
        handling.bindTo(request);
        return handling;
    }

    /** Returns whether a dispatch of the request is being filtered. */
    static boolean isDispatched(HttpServletRequest request) {
        RequestHandling handling = (RequestHandling) request.getAttribute(ATTRIBUTE);
        return handling != null && handling.dispatched;
    }

    void dispatched(boolean now) {
        dispatched = now;
    }

    /** Returns the handling of a request that is not over; null if there is none. */
    static @Nullable RequestHandling of(HttpServletRequest request) {
        RequestHandling handling = (RequestHandling) request.getAttribute(ATTRIBUTE);
        return handling == null || handling.over.get() ? null : handling;
    }

    /** Returns the handling of a request, unless its handler has only included another one and goes on. */
    static @Nullable RequestHandling ofHandler(HttpServletRequest request) {
        return request.getDispatcherType() == DispatcherType.INCLUDE ? null : of(request);
    }

    /** Ends the scope of a handler that has returned, and throws the failure of the scope. */
    static void endHandler(HttpServletRequest request) {
        RequestHandling handling = ofHandler(request);
        Throwable failure = handling != null ? handling.endHandler() : null;
        if (failure != null) {
            throw Rethrow.asIs(failure);
        }
    }

    /** Returns the limit of a request that was handled before, as its error page needs it; null if there is none. */
    static RequestScopeFactory.@Nullable Limit limitOf(HttpServletRequest request) {
        RequestHandling handling = (RequestHandling) request.getAttribute(ATTRIBUTE);
        return handling != null ? handling.limit : null;
    }

    void bindTo(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    HandlerScope current() {
        return current;
    }

    // ---- a dispatch: all on its thread ----

    /** Begins a dispatch. */
    void enter() {
        binding = current.bind();
    }

    /** Ends a dispatch; returns an exception if it left a scope open, else null. */
    @Nullable
    Throwable leave() {
        Scope.Binding open = binding;
        binding = null;
        try {
            if (open != null) {
                open.close();
            }
            return null;
        } catch (RuntimeException misuse) {
            return misuse;
        }
    }

    /**
     * Ends the scope of a handler that has returned, before the response is written. A no-op if no scope was opened, or if
     * the handler was called in a scope that the application opened.
     *
     * @return the failure of the scope, or null
     */
    @Nullable
    Throwable endHandler() {
        HandlerScope ending = current;
        return isInnermost(ending) ? exchange(() -> endScope(ending)) : null;
    }

    /** As {@link #endHandler()}, for a handler whose response is committed: {@link #end} returns the failure. */
    void endCommitted() {
        Throwable failure = endHandler();
        if (failure != null) {
            late = failure;
        }
    }

    /**
     * Cancels the scope of a handler that has failed, and waits for it.
     *
     * @return what to throw
     */
    Throwable failHandler(Throwable failure) {
        HandlerScope ending = current;
        if (timedOut && CancellationSignals.isSignal(failure)) {
            // Spring interrupts a late Callable, whose exception may arrive before that of the timeout.
            AsyncRequestTimeoutException late = new AsyncRequestTimeoutException();
            late.initCause(failure);
            return late;
        }
        return isInnermost(ending) ? exchange(() -> ending.fail(failure)) : failure;
    }

    private boolean isInnermost(HandlerScope scope) {
        OpenScope open = scope.opened();
        return binding != null && open != null && Scope.current().orElse(null) == open;
    }

    /** Ends the scope from outside it; what this thread does then is in the next one. */
    private <T extends @Nullable Object> T exchange(Supplier<T> end) {
        leave();
        current = scopes.prepare(limit);
        try {
            return end.get();
        } finally {
            enter();
        }
    }

    // ---- the end ----

    /** Cancels the scope of a handler that misused it while its request goes on asynchronously. */
    void cancel(Throwable misuse) {
        OpenScope open = current.opened();
        if (open != null) {
            open.cancel(misuse);
        } else {
            log(misuse);
        }
    }

    /** As {@link #cancel()}, for a request that the container has timed out. */
    void cancelTimedOut() {
        timedOut = true;
        cancel();
    }

    /** Cancels the tasks of a request that the container has given up. */
    void cancel() {
        HandlerScope ending = current;
        current = scopes.prepare(limit);
        cancelled.updateAndGet(before -> new Cancelled(ending, before));
        ending.cancel();
    }

    /**
     * Ends the scope of a request that has been handled, with or without a failure. Idempotent.
     *
     * @return what to throw, or null
     */
    @Nullable
    Throwable end(@Nullable Throwable failure) {
        if (!over.compareAndSet(false, true)) {
            return failure;
        }
        for (Cancelled last = cancelled.get(); last != null; last = last.before()) {
            log(last.scope().awaitCancelled());
        }
        if (failure != null) {
            log(late);
            return current.fail(failure);
        }
        Throwable last = endScope(current);
        if (late == null) {
            return last;
        }
        log(last);
        return late;
    }

    /** Ends the scope of a request whose response is complete, as the container reports it. */
    void completed() {
        log(end(null));
    }

    private @Nullable Throwable endScope(HandlerScope scope) {
        return scopes.joinsAtEnd() ? scope.join() : scope.cancelAndJoin();
    }

    private static void log(@Nullable Throwable failure) {
        if (failure != null) {
            UnansweredFailures.log(failure);
        }
    }

    /** A scope of the request that was cancelled before, and those before it. */
    private record Cancelled(HandlerScope scope, @Nullable Cancelled before) {}
}
