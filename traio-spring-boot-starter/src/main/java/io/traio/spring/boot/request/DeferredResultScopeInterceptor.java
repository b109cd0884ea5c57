// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.spring.boot.internal.HandlerScope;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.DeferredResultProcessingInterceptor;

/**
 * Completes a {@code DeferredResult} with the failure of the request's scope, whose tasks will not set it any more.
 * Otherwise the client would wait for the container's timeout, which may be long and is not exact.
 */
final class DeferredResultScopeInterceptor implements DeferredResultProcessingInterceptor {

    private final RequestHandling handling;

    DeferredResultScopeInterceptor(RequestHandling handling) {
        this.handling = handling;
    }

    @Override
    public <T> void preProcess(NativeWebRequest request, DeferredResult<T> result) {
        HandlerScope scope = handling.current();
        OpenScope open = scope.opened();
        if (open != null) {
            open.onDone(done -> {
                if (!scope.isEnded()) {
                    result.setErrorResult(failureOf(done));
                }
            });
        }
    }

    private static Throwable failureOf(Scope done) {
        try {
            done.awaitDone();
        } catch (Throwable failure) {
            return failure;
        }
        return new ScopeCancelledException(done + " ended before a task set the result of the request", null);
    }
}
