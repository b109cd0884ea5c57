// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import org.jspecify.annotations.Nullable;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.util.ClassUtils;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** What the live page needs of the current servlet request; there may be none. */
final class ServletPageRequest {

    private static final boolean SECURITY_PRESENT = ClassUtils.isPresent(
            "org.springframework.security.web.csrf.CsrfToken", ServletPageRequest.class.getClassLoader());

    private ServletPageRequest() {}

    /** Forbids other pages to embed this one and to have its buttons clicked, and anyone to keep a copy. */
    static void addHeaders(ScopesPage page) {
        if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request
                && request.getResponse() != null) {
            request.getResponse().setHeader(ScopesPage.FRAME_OPTIONS, ScopesPage.NO_FRAMES);
            request.getResponse().setHeader(ScopesPage.POLICY, page.policy());
            request.getResponse().setHeader(ScopesPage.CACHE_CONTROL, ScopesPage.NO_STORE);
        }
    }

    /** Returns whether the path has parameters, as in {@code 8;x=y}, which Spring MVC does not pass on. */
    static boolean hasPathParameters() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request
                && request.getRequest().getRequestURI().indexOf(';') >= 0;
    }

    static @Nullable CsrfHeader csrf() {
        RequestAttributes request = RequestContextHolder.getRequestAttributes();
        return SECURITY_PRESENT && request != null ? Token.of(request) : null;
    }

    /** A class of its own, since Spring Security may be missing. */
    private static final class Token {

        static @Nullable CsrfHeader of(RequestAttributes request) {
            Object token = request.getAttribute(CsrfToken.class.getName(), RequestAttributes.SCOPE_REQUEST);
            return token instanceof CsrfToken csrf ? new CsrfHeader(csrf.getHeaderName(), csrf.getToken()) : null;
        }
    }
}
