// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import org.springframework.security.web.server.csrf.CsrfToken;
import org.springframework.util.ClassUtils;
import org.springframework.web.filter.reactive.ServerWebExchangeContextFilter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/** What the live page needs of a WebFlux request. */
final class ReactivePageRequest {

    private static final boolean SECURITY_PRESENT = ClassUtils.isPresent(
            "org.springframework.security.web.server.csrf.CsrfToken", ReactivePageRequest.class.getClassLoader());

    private ReactivePageRequest() {}

    /** Forbids other pages to embed this one and to have its buttons clicked, and anyone to keep a copy. */
    static void addHeaders(ServerWebExchange exchange, ScopesPage page) {
        exchange.getResponse().getHeaders().set(ScopesPage.FRAME_OPTIONS, ScopesPage.NO_FRAMES);
        exchange.getResponse().getHeaders().set(ScopesPage.POLICY, page.policy());
        exchange.getResponse().getHeaders().set(ScopesPage.CACHE_CONTROL, ScopesPage.NO_STORE);
    }

    /** Returns whether the path has parameters, as in {@code 8;x=y}, which WebFlux does not pass on. */
    static boolean hasPathParameters(ContextView context) {
        return ServerWebExchangeContextFilter.getExchange(context)
                .filter(exchange -> exchange.getRequest().getPath().value().indexOf(';') >= 0)
                .isPresent();
    }

    /** Returns the CSRF header, or empty if the request has no token. */
    static Mono<CsrfHeader> csrf(ServerWebExchange exchange) {
        return SECURITY_PRESENT ? Token.of(exchange) : Mono.empty();
    }

    /** A class of its own, since Spring Security may be missing. */
    private static final class Token {

        /** Spring Security creates the token, and stores it in the session, on subscription. */
        static Mono<CsrfHeader> of(ServerWebExchange exchange) {
            Object token = exchange.getAttribute(CsrfToken.class.getName());
            return token instanceof Mono<?> later
                    ? later.ofType(CsrfToken.class).map(csrf -> new CsrfHeader(csrf.getHeaderName(), csrf.getToken()))
                    : Mono.empty();
        }
    }
}
