// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import org.jspecify.annotations.Nullable;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * The header by which a page proves that its requests are its own, where Spring Security asks for that. To be touched
 * only where Spring Security and the servlet API are present.
 */
record CsrfHeader(String name, String value) {

    /** Null if the request has no token, or if it is not one of servlets. */
    static @Nullable CsrfHeader ofCurrentRequest() {
        RequestAttributes request = RequestContextHolder.getRequestAttributes();
        Object token = request == null
                ? null
                : request.getAttribute(CsrfToken.class.getName(), RequestAttributes.SCOPE_REQUEST);
        return token instanceof CsrfToken csrf ? new CsrfHeader(csrf.getHeaderName(), csrf.getToken()) : null;
    }
}
