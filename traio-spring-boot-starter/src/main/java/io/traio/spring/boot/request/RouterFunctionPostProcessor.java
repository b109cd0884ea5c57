// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.web.context.request.async.WebAsyncManager;
import org.springframework.web.context.request.async.WebAsyncUtils;
import org.springframework.web.servlet.function.AsyncServerResponse;
import org.springframework.web.servlet.function.EntityResponse;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.servlet.function.support.RouterFunctionMapping;

/**
 * Has handler functions end their scope before their response is written, as {@link RequestScopeResponseBodyAdvice} does
 * for annotated handlers. Their adapter writes the response before any interceptor is called, so the scope ends between
 * the function, with all filters of its router, and the adapter.
 */
public final class RouterFunctionPostProcessor implements BeanPostProcessor {

    /** Responses that tasks feed while they are written. Spring's classes are not public. */
    private static final Set<String> STREAMS = Set.of(
            "org.springframework.web.servlet.function.SseServerResponse",
            "org.springframework.web.servlet.function.StreamingServerResponse");

    /** Creates a post-processor. */
    public RouterFunctionPostProcessor() {}

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof RouterFunctionMapping mapping && mapping.getRouterFunction() != null) {
            mapping.setRouterFunction(endingScopes(mapping.getRouterFunction()));
        }
        return bean;
    }

    @SuppressWarnings("unchecked") // the type of the response does not matter: it is only passed on
    private static RouterFunction<?> endingScopes(RouterFunction<?> functions) {
        return ((RouterFunction<ServerResponse>) functions).filter(RouterFunctionPostProcessor::handle);
    }

    private static ServerResponse handle(ServerRequest request, HandlerFunction<ServerResponse> function)
            throws Exception {
        ServerResponse response = asyncUntilBodyIsThere(function.handle(request));
        if (isWrittenNext(response)) {
            RequestHandling.endHandler(request.servletRequest());
        }
        return response;
    }

    /** Makes the response asynchronous if its body is not there yet: it would be written where it is completed. */
    private static ServerResponse asyncUntilBodyIsThere(ServerResponse response) {
        return response instanceof EntityResponse<?> entityResponse
                        && entityResponse.entity() instanceof CompletionStage<?> body
                        && !isDone(body)
                ? ServerResponse.async(body.handle((value, failure) -> response).toCompletableFuture())
                : response;
    }

    /** Ends the scope when an asynchronous response has arrived: its adapter does not call the function again. */
    static void resume(HttpServletRequest request) {
        WebAsyncManager async = WebAsyncUtils.getAsyncManager(request);
        if (async.hasConcurrentResult()
                && async.getConcurrentResult() instanceof ServerResponse response
                && isWrittenNext(response)) {
            try {
                RequestHandling.endHandler(request);
            } catch (Throwable e) {
                // The adapter will not take the result, and the handler of the error page must not find it.
                async.clearConcurrentResult();
                throw e;
            }
        }
    }

    /** Returns whether the response is complete, and no task feeds it. */
    private static boolean isWrittenNext(@Nullable ServerResponse response) {
        if (response instanceof AsyncServerResponse async) {
            return isReady(async) && isWrittenNext(async.block());
        }
        if (response instanceof EntityResponse<?> entityResponse) {
            Object entity = entityResponse.entity();
            return entity instanceof CompletionStage<?> body ? isDone(body) : !isFed(entity);
        }
        return response != null && !STREAMS.contains(response.getClass().getName());
    }

    private static boolean isReady(AsyncServerResponse response) {
        try {
            response.statusCode();
            return true;
        } catch (IllegalStateException notYet) {
            return false;
        }
    }

    private static boolean isDone(CompletionStage<?> body) {
        return body.toCompletableFuture().isDone();
    }

    private static boolean isFed(Object entity) {
        return RequestScopeResponseBodyAdvice.isOpen(entity)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(entity.getClass()) != null;
    }
}
