// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.spring.boot.internal.Rethrow;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.web.context.request.async.WebAsyncManager;
import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * Makes the scope of a request the current one of each thread that handles it, and ends it with the request. It must be
 * called in all kinds of dispatch.
 */
public final class RequestScopeFilter implements Filter {

    private final RequestScopeFactory<HttpServletRequest> scopes;
    private final ObjectProvider<FailureResponder> responder;

    /**
     * Creates a filter.
     *
     * @param scopes prepares the scopes of requests
     * @param responder provides the answer to failures of scopes; without one they are thrown to the container
     */
    public RequestScopeFilter(
            RequestScopeFactory<HttpServletRequest> scopes, ObjectProvider<FailureResponder> responder) {
        this.scopes = scopes;
        this.responder = responder;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http && response instanceof HttpServletResponse httpResponse)) {
            chain.doFilter(request, response);
            return;
        }
        if (RequestHandling.isDispatched(http)) {
            if (http.getDispatcherType() == DispatcherType.FORWARD) {
                // The target writes the response: a failure of the caller's tasks could not be the answer afterwards.
                RequestHandling.endHandler(http);
            }
            chain.doFilter(request, response);
            return;
        }
        RequestHandling handling = RequestHandling.of(http);
        RuntimeException refusal = null;
        if (handling == null) {
            try {
                handling = begin(http);
            } catch (RuntimeException e) {
                refusal = e;
                handling = RequestHandling.refused(scopes, http);
            }
        }
        handling.dispatched(true);
        try {
            if (refusal != null) {
                fail(http, httpResponse, refusal);
            } else {
                filter(handling, http, httpResponse, chain);
            }
        } finally {
            handling.dispatched(false);
        }
    }

    private void filter(
            RequestHandling handling, HttpServletRequest request, HttpServletResponse response, FilterChain chain) {
        Throwable failure = dispatch(handling, request, response, chain);
        Throwable misuse = handling.leave();
        if (failure == null && request.isAsyncStarted()) {
            if (misuse != null) {
                handling.cancel(misuse);
            }
            RequestAsyncListener.listen(request, handling);
            return;
        }
        if (failure == null) {
            failure = misuse;
        } else if (misuse != null) {
            failure.addSuppressed(misuse);
        }
        Throwable cause = failure instanceof ServletException wrapper && wrapper.getRootCause() != null
                ? wrapper.getRootCause()
                : failure;
        Throwable thrown = handling.end(cause);
        if (failure != null && thrown == cause) {
            throw Rethrow.asIs(failure);
        }
        if (thrown != null) {
            fail(request, response, thrown);
        }
    }

    private RequestHandling begin(HttpServletRequest request) {
        // The error page gets all the time that the application allows, but no more than the caller waits.
        boolean error = request.getDispatcherType() == DispatcherType.ERROR;
        RequestScopeFactory.Limit limit = error ? RequestHandling.limitOf(request) : scopes.limitOf(request);
        RequestHandling handling = new RequestHandling(scopes, limit);
        handling.bindTo(request);
        WebAsyncManager async = WebAsyncUtils.getAsyncManager(request);
        async.registerCallableInterceptor(RequestScopeFilter.class, new CallableScopeInterceptor(handling));
        async.registerDeferredResultInterceptor(RequestScopeFilter.class, new DeferredResultScopeInterceptor(handling));
        return handling;
    }

    private static @Nullable Throwable dispatch(
            RequestHandling handling, HttpServletRequest request, HttpServletResponse response, FilterChain chain) {
        handling.enter();
        try {
            chain.doFilter(request, response);
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    /** Answers a failure of the scope, which the handler did not throw, unless the response is committed. */
    private void fail(HttpServletRequest request, HttpServletResponse response, Throwable failure) {
        if (!response.isCommitted()) {
            FailureResponder available = responder.getIfAvailable();
            if (available != null && available.respond(request, response, failure)) {
                return;
            }
        }
        if (DisconnectedClient.isCauseOf(failure)) {
            UnansweredFailures.log(failure);
            return;
        }
        throw Rethrow.asIs(failure);
    }
}
