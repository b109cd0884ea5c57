// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;

/**
 * Answers with the exception resolvers of Spring MVC, the application's exception handlers among them. Outside Spring MVC
 * no view can be rendered: the error page of the application takes its place.
 */
public final class MvcFailureResponder implements FailureResponder {

    private static final List<String> BODY_HEADERS = List.of(
            HttpHeaders.CONTENT_TYPE,
            HttpHeaders.CONTENT_LENGTH,
            HttpHeaders.CONTENT_ENCODING,
            HttpHeaders.CONTENT_DISPOSITION,
            HttpHeaders.CONTENT_LANGUAGE,
            HttpHeaders.ETAG,
            HttpHeaders.LAST_MODIFIED);

    private final ObjectProvider<HandlerExceptionResolver> resolvers;

    /**
     * Creates a responder.
     *
     * @param resolvers provides all exception resolvers, those of the application among them
     */
    public MvcFailureResponder(ObjectProvider<HandlerExceptionResolver> resolvers) {
        this.resolvers = resolvers;
    }

    @Override
    public boolean respond(HttpServletRequest request, HttpServletResponse response, Throwable failure) {
        request.removeAttribute(HandlerMapping.PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE);
        resetBody(response);
        ModelAndView answer = resolve(resolvers, request, response, null, failure);
        if (answer != null && !answer.isEmpty()) {
            sendError(response, answer.getStatus());
        }
        return answer != null;
    }

    /**
     * Returns the answer of the first resolver that has one to a failure, in their order; null if there is none. To a client
     * that has gone the answer is empty.
     */
    static @Nullable ModelAndView resolve(
            ObjectProvider<HandlerExceptionResolver> resolvers,
            HttpServletRequest request,
            HttpServletResponse response,
            @Nullable Object handler,
            Throwable failure) {
        if (DisconnectedClient.isCauseOf(failure)) {
            UnansweredFailures.log(failure);
            return new ModelAndView();
        }
        if (!(failure instanceof Exception exception)) {
            return null;
        }
        return resolvers
                .orderedStream()
                .filter(resolver -> !(resolver instanceof RequestScopeExceptionResolver))
                .map(resolver -> resolver.resolveException(request, response, handler, exception))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Resets status, body and the headers that describe the body; the headers that filters have set stay. */
    private static void resetBody(HttpServletResponse response) {
        HttpHeaders kept = new HttpHeaders();
        response.getHeaderNames().forEach(name -> kept.addAll(name, List.copyOf(response.getHeaders(name))));
        BODY_HEADERS.forEach(kept::remove);
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
