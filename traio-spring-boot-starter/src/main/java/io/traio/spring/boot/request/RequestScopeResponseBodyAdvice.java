// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

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
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/**
 * Ends the scope of a handler before its body is written, so that a failure of its tasks can still be the answer. A task
 * may feed an {@linkplain Resource#isOpen() open} {@link Resource} while it is written, so the scope does not end before
 * such a body.
 */
@ControllerAdvice
public final class RequestScopeResponseBodyAdvice implements ResponseBodyAdvice<Object> {

    /** Creates an advice. */
    public RequestScopeResponseBodyAdvice() {}

    /** Returns whether a body is read while it is written, so that a task may write to its other end. */
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
            RequestHandling.endHandler(servletRequest.getServletRequest());
        }
        return body;
    }
}
