// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/** What the endpoint {@code scopes} does in its own way over HTTP. Safe for use by several threads. */
@EndpointWebExtension(endpoint = ScopesEndpoint.class)
public class ScopesEndpointWebExtension {

    private final ScopesEndpoint delegate;

    /**
     * Makes an extension.
     *
     * @param delegate the endpoint
     */
    public ScopesEndpointWebExtension(ScopesEndpoint delegate) {
        this.delegate = delegate;
    }

    /**
     * Cancels a scope.
     *
     * @param securityContext who asks for it
     * @param id the id of the scope
     * @return 204, also if it was cancelled before; 404 if no scope that lives now has this id
     */
    @DeleteOperation
    public WebEndpointResponse<Void> cancel(SecurityContext securityContext, @Selector String id) {
        boolean found = delegate.cancel(id, nameOf(securityContext.getPrincipal()));
        return new WebEndpointResponse<>(
                found ? WebEndpointResponse.STATUS_NO_CONTENT : WebEndpointResponse.STATUS_NOT_FOUND);
    }

    private static @Nullable String nameOf(@Nullable Principal principal) {
        String name = principal == null ? null : principal.getName();
        return name == null ? null : name.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]", "?");
    }
}
