// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.HandlerFunction;

/**
 * Ends the scope of a handler before its view is rendered, so that a failure of its tasks can still be the answer. If the
 * handler has written the response itself, the scope ends before Spring MVC cleans up: uploaded files are there for tasks.
 */
final class RequestScopeInterceptor implements HandlerInterceptor {

    /** A handler function may have completed its response on another thread. */
    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerFunction) {
            RouterFunctionPostProcessor.resume(request);
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
            RequestHandling.endHandler(request);
        }
    }

    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception failure) {
        RequestHandling handling = RequestHandling.ofHandler(request);
        if (handling != null) {
            handling.endCommitted();
        }
    }
}
