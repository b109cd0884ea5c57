// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.ResourceRegion;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/**
 * Ends the scope of the handler before the response is written, so that a failure of its tasks can still be the answer:
 * before a body, or before a view. An {@linkplain Resource#isOpen() open} {@link Resource} may be fed by a task while it is
 * written, so it is not waited for.
 */
@ControllerAdvice
final class HandlerEnd implements ResponseBodyAdvice<Object>, HandlerInterceptor {

    /** The handling of a request, unless its handler has only included another one, and goes on. */
    static @Nullable RequestHandling handling(HttpServletRequest request) {
        return request.getDispatcherType() == DispatcherType.INCLUDE ? null : RequestHandling.of(request);
    }

    static void end(HttpServletRequest request) {
        RequestHandling handling = handling(request);
        Throwable failure = handling != null ? handling.endHandler() : null;
        if (failure != null) {
            throw Rethrow.asIs(failure);
        }
    }

    /** Whether a body is read while it is written, and who writes to its other end may be a task. */
    static boolean isOpen(@Nullable Object body) {
        return body instanceof Resource resource && resource.isOpen()
                || body instanceof Collection<?> regions
                        && regions.stream()
                                .anyMatch(
                                        part -> part instanceof ResourceRegion region && isOpen(region.getResource()));
    }

    @Override
    public boolean supports(MethodParameter returnType, Class<? extends HttpMessageConverter<?>> converterType) {
        return true;
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object body,
            MethodParameter returnType,
            MediaType contentType,
            Class<? extends HttpMessageConverter<?>> converterType,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        if (!isOpen(body) && request instanceof ServletServerHttpRequest servletRequest) {
            end(servletRequest.getServletRequest());
        }
        return body;
    }

    /** A handler function may have answered on another thread. */
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerFunction) {
            FunctionalHandlerEnd.resume(request);
        }
        return true;
    }

    @Override
    public void postHandle(
            HttpServletRequest request,
            HttpServletResponse response,
            Object handler,
            @Nullable ModelAndView modelAndView) {
        if (!response.isCommitted()) {
            end(request);
        }
    }
}
