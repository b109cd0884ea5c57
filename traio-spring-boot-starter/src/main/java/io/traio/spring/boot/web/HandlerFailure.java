// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;

/**
 * Ends the scope of a handler that failed, before anybody answers to the failure. If the scope had failed first, or timed
 * out, then that is what is answered to: the exception of the handler only tells that it could not go on.
 */
final class HandlerFailure implements HandlerExceptionResolver, FailureResponder, Ordered {

    private static final List<String> OF_THE_BODY = List.of(
            HttpHeaders.CONTENT_TYPE,
            HttpHeaders.CONTENT_LENGTH,
            HttpHeaders.CONTENT_ENCODING,
            HttpHeaders.CONTENT_DISPOSITION,
            HttpHeaders.CONTENT_LANGUAGE,
            HttpHeaders.ETAG,
            HttpHeaders.LAST_MODIFIED);

    /** The resolvers of Spring MVC, the user's handlers among them. */
    private final ObjectProvider<HandlerExceptionResolver> resolvers;

    HandlerFailure(ObjectProvider<HandlerExceptionResolver> resolvers) {
        this.resolvers = resolvers;
    }

    /** After Boot's, which takes notes for the error page. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE + 100;
    }

    @Override
    public @Nullable ModelAndView resolveException(
            HttpServletRequest request, HttpServletResponse response, @Nullable Object handler, Exception failure) {
        RequestHandling handling = HandlerEnd.handling(request);
        Throwable raised = handling != null ? handling.failHandler(failure) : failure;
        if (raised == failure) {
            return null;
        }
        ModelAndView answer = resolve(request, response, handler, raised);
        if (answer == null) {
            throw Rethrow.asIs(raised);
        }
        return answer;
    }

    private @Nullable ModelAndView resolve(
            HttpServletRequest request, HttpServletResponse response, @Nullable Object handler, Throwable failure) {
        HandlerExceptionResolver all = resolvers.getIfAvailable();
        return all != null && failure instanceof Exception exception
                ? all.resolveException(request, response, handler, exception)
                : null;
    }

    /** Outside of Spring MVC no view can be rendered: the error page of the application takes its place. */
    @Override
    public boolean respond(HttpServletRequest request, HttpServletResponse response, Throwable failure) {
        request.removeAttribute(HandlerMapping.PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE);
        takeBack(response);
        ModelAndView answer = resolve(request, response, null, failure);
        if (answer != null && !answer.isEmpty()) {
            sendError(response, answer.getStatus());
        }
        return answer != null;
    }

    /** Takes back status and body, and the headers that tell of the body; those that filters have set stay. */
    private static void takeBack(HttpServletResponse response) {
        HttpHeaders kept = new HttpHeaders();
        response.getHeaderNames().forEach(name -> kept.addAll(name, List.copyOf(response.getHeaders(name))));
        OF_THE_BODY.forEach(kept::remove);
        response.reset();
        kept.forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
    }

    private static void sendError(HttpServletResponse response, @Nullable HttpStatusCode status) {
        int chosen = status != null ? status.value() : response.getStatus();
        try {
            response.sendError(chosen >= 400 ? chosen : HttpStatus.INTERNAL_SERVER_ERROR.value());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
