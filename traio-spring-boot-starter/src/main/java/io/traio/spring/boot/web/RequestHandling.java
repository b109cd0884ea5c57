// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeInterruptedException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.context.request.async.AsyncRequestTimeoutException;

/**
 * What is known of a request, in an attribute of it: the scope for the code that handles it. When that code has ended, or
 * failed, its scope ends; what runs afterwards, such as an exception handler, has a scope of its own, prepared here.
 */
final class RequestHandling {

    private static final Logger LOGGER = LoggerFactory.getLogger(RequestHandling.class);
    private static final String ATTRIBUTE = RequestHandling.class.getName();

    private final RequestScopes scopes;
    private final RequestScopes.@Nullable Limit limit;
    private final Queue<RequestScope> cancelled = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile RequestScope current;
    private volatile boolean timedOut;

    /** Of the dispatch that is under way; belongs to its thread. Dispatches of a request follow each other. */
    private Scope.@Nullable Binding binding;

    RequestHandling(RequestScopes scopes, RequestScopes.@Nullable Limit limit) {
        this.scopes = scopes;
        this.limit = limit;
        this.current = scopes.prepare(limit);
    }

    /** The handling of a request that is not over; null if there is none. */
    static @Nullable RequestHandling of(HttpServletRequest request) {
        RequestHandling handling = (RequestHandling) request.getAttribute(ATTRIBUTE);
        return handling == null || handling.over.get() ? null : handling;
    }

    /** What limits all of a request that was handled before, as seen by its error page; null if nothing does. */
    static RequestScopes.@Nullable Limit limitOf(HttpServletRequest request) {
        RequestHandling handling = (RequestHandling) request.getAttribute(ATTRIBUTE);
        return handling != null ? handling.limit : null;
    }

    void bindTo(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    RequestScope current() {
        return current;
    }

    // ---- a dispatch: all on its thread ----

    /** A dispatch begins. */
    void enter() {
        binding = current.bind();
    }

    /** A dispatch has ended; an exception if it left a scope open, else null. */
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
     * The handler has returned and the response is about to be written: ends its scope. Does nothing if none was opened,
     * or if there is code of the user's around that is in a scope of its own.
     *
     * @return what the scope failed with, or null
     */
    @Nullable
    Throwable endHandler() {
        RequestScope ending = current;
        return isInnermost(ending) ? exchange(() -> endScope(ending)) : null;
    }

    /**
     * The handler has failed: cancels its scope and waits.
     *
     * @return what to raise
     */
    Throwable failHandler(Throwable failure) {
        RequestScope ending = current;
        if (timedOut && isNewsOfCancellation(failure)) {
            // Spring interrupts a Callable that is late, whose exception may be there before that of the timeout.
            AsyncRequestTimeoutException late = new AsyncRequestTimeoutException();
            late.initCause(failure);
            return late;
        }
        return isInnermost(ending) ? exchange(() -> ending.fail(failure)) : failure;
    }

    private static boolean isNewsOfCancellation(Throwable failure) {
        return failure instanceof ScopeInterruptedException
                || failure instanceof CancellationException
                || failure instanceof InterruptedException;
    }

    private boolean isInnermost(RequestScope scope) {
        OpenScope open = scope.opened();
        return binding != null && open != null && Scope.current().orElse(null) == open;
    }

    /** Ends the scope from outside of it; what comes then is in the next one. */
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

    /** The handler made a mistake, while its request goes on elsewhere: that will meet the failure. */
    void cancel(Throwable misuse) {
        OpenScope open = current.opened();
        if (open != null) {
            open.cancel(misuse);
        } else {
            log(misuse);
        }
    }

    /** As {@link #cancel()}, since it took too long for the container. */
    void cancelTimedOut() {
        timedOut = true;
        cancel();
    }

    /** The container gave the request up: cancels what runs for it. */
    void cancel() {
        RequestScope ending = current;
        current = scopes.prepare(limit);
        cancelled.add(ending);
        ending.cancel();
    }

    /**
     * The request has been handled, by a failure or not: ends its scope. Does so once.
     *
     * @return what to raise, or null
     */
    @Nullable
    Throwable end(@Nullable Throwable failure) {
        if (!over.compareAndSet(false, true)) {
            return failure;
        }
        for (RequestScope scope : cancelled) {
            log(scope.awaitCancelled());
        }
        return failure != null ? current.fail(failure) : endScope(current);
    }

    /** The container says that the response is complete. */
    void completed() {
        log(end(null));
    }

    private @Nullable Throwable endScope(RequestScope scope) {
        return scopes.isJoinedAtEnd() ? scope.join() : scope.cancelAndJoin();
    }

    private static void log(@Nullable Throwable failure) {
        if (failure != null) {
            LOGGER.error("Tasks of a request failed after its response had been decided on", failure);
        }
    }
}
