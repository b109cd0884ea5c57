// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.ScopeFailedException;
import io.traio.spring.boot.internal.Rethrow;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Ends the scope of a handler that failed, before any other resolver answers the failure. If the scope had failed or timed
 * out first, all resolvers are asked for an answer to that failure instead: the exception of the handler only says that the
 * handler could not go on.
 */
public final class RequestScopeExceptionResolver implements HandlerExceptionResolver, Ordered {

    private final ObjectProvider<HandlerExceptionResolver> resolvers;

    /**
     * Creates a resolver.
     *
     * @param resolvers provides all exception resolvers, those of the application among them
     */
    public RequestScopeExceptionResolver(ObjectProvider<HandlerExceptionResolver> resolvers) {
        this.resolvers = resolvers;
    }

    /** Comes after the resolver of Spring Boot, which records the exception for the error page. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 100;
    }

    @Override
    public @Nullable ModelAndView resolveException(
            HttpServletRequest request, HttpServletResponse response, @Nullable Object handler, Exception failure) {
        RequestHandling handling = RequestHandling.ofHandler(request);
        Throwable thrown = handling != null ? handling.failHandler(failure) : failure;
        if (thrown == failure && !(failure instanceof ScopeFailedException && DisconnectedClient.isCauseOf(failure))) {
            return null;
        }
        ModelAndView answer = MvcFailureResponder.resolve(resolvers, request, response, handler, thrown);
        if (answer == null) {
            throw Rethrow.asIs(thrown);
        }
        return answer;
    }
}
