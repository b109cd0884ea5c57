// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import java.security.Principal;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * The operations of the endpoint {@code scopes} that differ over HTTP, in servlet applications. The same path answers with
 * JSON, with a tree of text if the client accepts {@code text/plain}, and with a live page if it accepts {@code text/html},
 * as browsers do.
 *
 * <p>Thread-safe.
 */
@EndpointWebExtension(endpoint = ScopesEndpoint.class)
@ImportRuntimeHints(ScopesPageRuntimeHints.class)
public class ScopesEndpointWebExtension {

    // Without a character set the response would have that of the server, which may lack the lines of trees.
    static final String TEXT = "text/plain;charset=UTF-8";

    private final ScopesEndpoint delegate;
    private final Show showStacks;
    private final Set<String> roles;
    private final ScopesPage page;

    /**
     * Creates an extension.
     *
     * @param delegate the endpoint
     * @param showStacks whether the detail of a scope has the stack traces of its tasks
     * @param roles roles that are authorized to see them, where authorization is required; if empty, all authenticated users
     * @param cancellable whether the live page offers to cancel scopes
     * @param traceLink address of a trace, with the placeholder <code>{traceId}</code>; null if there is none
     * @throws IllegalArgumentException if it is no address of http or https, or has no such placeholder
     */
    public ScopesEndpointWebExtension(
            ScopesEndpoint delegate,
            Show showStacks,
            Set<String> roles,
            boolean cancellable,
            @Nullable String traceLink) {
        this.delegate = delegate;
        this.showStacks = showStacks;
        this.roles = Set.copyOf(roles);
        this.page = new ScopesPage(cancellable, traceLink);
    }

    /**
     * Returns the live page, which is never cached.
     *
     * @param format the format
     * @return HTML
     */
    @ReadOperation(producesFrom = PageFormat.class)
    public String page(PageFormat format) {
        ServletPageRequest.addHeaders(page);
        return page.render(page.isCancellable() ? ServletPageRequest.csrf() : null);
    }

    /**
     * Returns what a view shows as a tree of text.
     *
     * @param name as {@link ScopesEndpoint#scopes(String, Integer, String)}
     * @param limit as {@link ScopesEndpoint#scopes(String, Integer, String)}
     * @param view as {@link ScopesEndpoint#scopes(String, Integer, String)}
     * @return lines of text
     * @throws org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException as {@link ScopesEndpoint#scopes(String,
     *     Integer, String)}
     */
    @ReadOperation(produces = TEXT)
    public String text(@Nullable String name, @Nullable Integer limit, @Nullable String view) {
        return delegate.text(name, limit, view);
    }

    /**
     * Returns one scope, a root or a descendant.
     *
     * @param securityContext the security context of the caller
     * @param id the id of the scope
     * @return the scope; 404 if no live scope has this id
     */
    @ReadOperation
    public WebEndpointResponse<ScopeDetailDescriptor> scope(SecurityContext securityContext, @Selector String id) {
        ScopeDetailDescriptor scope = detail(securityContext, id);
        return scope == null ? notFound() : new WebEndpointResponse<>(scope);
    }

    /**
     * Returns one scope, a root or a descendant, as a tree of text.
     *
     * @param securityContext the security context of the caller
     * @param id the id of the scope
     * @return lines of text; 404 if no live scope has this id
     */
    @ReadOperation(produces = TEXT)
    public WebEndpointResponse<String> scopeText(SecurityContext securityContext, @Selector String id) {
        ScopeDetailDescriptor scope = detail(securityContext, id);
        return scope == null ? notFound() : new WebEndpointResponse<>(ScopesText.of(scope));
    }

    /**
     * Cancels a scope.
     *
     * @param securityContext the security context of the caller
     * @param id the id of the scope
     * @param reason as {@link ScopesEndpoint#cancel(String, String)}
     * @return 204, also if it was cancelled before; 404 if no live scope has this id
     */
    @DeleteOperation
    public WebEndpointResponse<Void> cancel(
            SecurityContext securityContext, @Selector String id, @Nullable String reason) {
        boolean found = !ServletPageRequest.hasPathParameters()
                && delegate.cancel(id, reason, nameOf(securityContext.getPrincipal()));
        return found ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT) : notFound();
    }

    private @Nullable ScopeDetailDescriptor detail(SecurityContext securityContext, String id) {
        return ServletPageRequest.hasPathParameters()
                ? null
                : delegate.scope(
                        id,
                        showStacks.isShown(securityContext, roles),
                        delegate.showValues().isShown(securityContext, roles));
    }

    static <T> WebEndpointResponse<T> notFound() {
        return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
    }

    private static @Nullable String nameOf(@Nullable Principal principal) {
        String name = principal == null ? null : principal.getName();
        return name == null ? null : ScopesEndpoint.printable(name);
    }
}
