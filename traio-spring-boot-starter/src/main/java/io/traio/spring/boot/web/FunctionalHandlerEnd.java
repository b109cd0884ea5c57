// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

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
 * Does for handler functions what {@link HandlerEnd} does for annotated handlers. Their adapter writes the response before
 * any interceptor is asked, so that the end comes between the function, with all filters of its router, and the adapter.
 */
final class FunctionalHandlerEnd implements BeanPostProcessor {

    /** Spring's, which are not public: tasks feed them while they are written. */
    private static final Set<String> STREAMS = Set.of(
            "org.springframework.web.servlet.function.SseServerResponse",
            "org.springframework.web.servlet.function.StreamingServerResponse");

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof RouterFunctionMapping mapping && mapping.getRouterFunction() != null) {
            mapping.setRouterFunction(ended(mapping.getRouterFunction()));
        }
        return bean;
    }

    @SuppressWarnings("unchecked") // whatever response the functions make, it is only handed on
    private static RouterFunction<?> ended(RouterFunction<?> functions) {
        return ((RouterFunction<ServerResponse>) functions).filter(FunctionalHandlerEnd::handle);
    }

    private static ServerResponse handle(ServerRequest request, HandlerFunction<ServerResponse> function)
            throws Exception {
        ServerResponse response = comingBack(function.handle(request));
        if (isWrittenNext(response)) {
            HandlerEnd.end(request.servletRequest());
        }
        return response;
    }

    /** A body that is not there yet would be written where it is completed: has it come back when it is there. */
    private static ServerResponse comingBack(ServerResponse response) {
        return response instanceof EntityResponse<?> entityResponse
                        && entityResponse.entity() instanceof CompletionStage<?> body
                        && !isDone(body)
                ? ServerResponse.async(body.handle((value, failure) -> response).toCompletableFuture())
                : response;
    }

    /** An asynchronous response has come, for which the adapter does not call the function again. */
    static void resume(HttpServletRequest request) {
        WebAsyncManager async = WebAsyncUtils.getAsyncManager(request);
        if (async.hasConcurrentResult()
                && async.getConcurrentResult() instanceof ServerResponse response
                && isWrittenNext(response)) {
            try {
                HandlerEnd.end(request);
            } catch (Throwable e) {
                // Nobody takes it any more, and the handler of the error page is not to find it.
                async.clearConcurrentResult();
                throw e;
            }
        }
    }

    /** Whether the response is complete, and no task has a part in it. */
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
        return HandlerEnd.isOpen(entity)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(entity.getClass()) != null;
    }
}
