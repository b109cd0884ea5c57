// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.ResourceHttpMessageConverter;
import org.springframework.http.converter.ResourceRegionHttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/**
 * Ends the scope of the handler before the response is written, so that a failure of its tasks can still be the answer:
 * before a body, or before a view. A {@link Resource} may be fed by a task while it is written, so it is not waited for.
 */
@ControllerAdvice
final class HandlerEnd implements ResponseBodyAdvice<Object>, HandlerInterceptor {

    /** The handling of a request, unless its handler has only included another one, and goes on. */
    static @Nullable RequestHandling handling(HttpServletRequest request) {
        return request.getDispatcherType() == DispatcherType.INCLUDE ? null : RequestHandling.of(request);
    }

    private static void end(HttpServletRequest request) {
        RequestHandling handling = handling(request);
        Throwable failure = handling != null ? handling.endHandler() : null;
        if (failure != null) {
            throw Rethrow.asIs(failure);
        }
    }

    @Override
    public boolean supports(MethodParameter returnType, Class<? extends HttpMessageConverter<?>> converterType) {
        return !ResourceHttpMessageConverter.class.isAssignableFrom(converterType)
                && !ResourceRegionHttpMessageConverter.class.isAssignableFrom(converterType);
    }

    @Override
    public @Nullable Object beforeBodyWrite(
            @Nullable Object body,
            MethodParameter returnType,
            MediaType contentType,
            Class<? extends HttpMessageConverter<?>> converterType,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        if (request instanceof ServletServerHttpRequest servletRequest) {
            end(servletRequest.getServletRequest());
        }
        return body;
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
