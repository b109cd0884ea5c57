// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import org.springframework.security.web.server.csrf.CsrfToken;
import org.springframework.util.ClassUtils;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** A request of WebFlux, as the live page has to do with it. */
final class ReactivePageRequest {

    private static final boolean SECURITY_PRESENT = ClassUtils.isPresent(
            "org.springframework.security.web.server.csrf.CsrfToken", ReactivePageRequest.class.getClassLoader());

    private ReactivePageRequest() {}

    /** Says that no other page may show this one, and get clicks on its buttons. */
    static void refuseFrames(ServerWebExchange exchange) {
        exchange.getResponse().getHeaders().set(ScopesPage.FRAME_OPTIONS, ScopesPage.NO_FRAMES);
    }

    /** Empty if the request has no token. */
    static Mono<CsrfHeader> csrf(ServerWebExchange exchange) {
        return SECURITY_PRESENT ? Token.of(exchange) : Mono.empty();
    }

    /** Apart, since Spring Security may be missing. */
    private static final class Token {

        /** Spring Security makes the token, and keeps it in the session, when somebody subscribes. */
        static Mono<CsrfHeader> of(ServerWebExchange exchange) {
            Object token = exchange.getAttribute(CsrfToken.class.getName());
            return token instanceof Mono<?> later
                    ? later.ofType(CsrfToken.class).map(csrf -> new CsrfHeader(csrf.getHeaderName(), csrf.getToken()))
                    : Mono.empty();
        }
    }
}
