// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import org.springframework.security.web.server.csrf.CsrfToken;
import org.springframework.util.ClassUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** What the live page needs of a WebFlux request. */
final class ReactivePageRequest {

    private static final boolean SECURITY_PRESENT = ClassUtils.isPresent(
            "org.springframework.security.web.server.csrf.CsrfToken", ReactivePageRequest.class.getClassLoader());

    private ReactivePageRequest() {}

    /** Forbids other pages to embed this one and to have its buttons clicked, and anyone to keep a copy. */
    static void addHeaders(ServerWebExchange exchange) {
        exchange.getResponse().getHeaders().set(ScopesPage.FRAME_OPTIONS, ScopesPage.NO_FRAMES);
        exchange.getResponse().getHeaders().set(ScopesPage.CACHE_CONTROL, ScopesPage.NO_STORE);
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
