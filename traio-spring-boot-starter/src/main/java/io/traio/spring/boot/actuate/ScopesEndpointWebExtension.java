// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

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
 * What the endpoint {@code scopes} does in its own way over HTTP, in applications with servlets. The same path answers with JSON, with a tree of text
 * where {@code text/plain} is asked for, and with a live page where {@code text/html} is, as browsers do.
 *
 * <p>Safe for use by several threads.
 */
@EndpointWebExtension(endpoint = ScopesEndpoint.class)
@ImportRuntimeHints(ScopesPageRuntimeHints.class)
public class ScopesEndpointWebExtension {

    // Without a character set the answer would have that of the server, and lines of trees are not in all of them.
    static final String TEXT = "text/plain;charset=UTF-8";
    static final String HTML = "text/html;charset=UTF-8";

    private final ScopesEndpoint delegate;
    private final Show showStacks;
    private final Set<String> roles;
    private final ScopesPage page;

    /**
     * Makes an extension.
     *
     * @param delegate the endpoint
     * @param showStacks whether the detail of a scope has the stack traces of its tasks
     * @param roles who is authorized to see them, if that is the question; everybody who is logged in if empty
     * @param cancellable whether the live page offers to cancel scopes
     */
    public ScopesEndpointWebExtension(
            ScopesEndpoint delegate, Show showStacks, Set<String> roles, boolean cancellable) {
        this.delegate = delegate;
        this.showStacks = showStacks;
        this.roles = Set.copyOf(roles);
        this.page = new ScopesPage(cancellable);
    }

    /**
     * The live page.
     *
     * @return HTML
     */
    @ReadOperation(produces = HTML)
    public String page() {
        ServletPageRequest.refuseFrames();
        return page.render(page.isCancellable() ? ServletPageRequest.csrf() : null);
    }

    /**
     * The scopes that live now, as a tree of text.
     *
     * @param name as {@link ScopesEndpoint#scopes(String, Integer)}
     * @param limit as {@link ScopesEndpoint#scopes(String, Integer)}
     * @return lines of text
     * @throws org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException if the limit is out of its range
     */
    @ReadOperation(produces = TEXT)
    public String text(@Nullable String name, @Nullable Integer limit) {
        return delegate.text(name, limit);
    }

    /**
     * One scope, a root or a descendant.
     *
     * @param securityContext who asks
     * @param id the id of the scope
     * @return the scope; 404 if no scope that lives now has this id
     */
    @ReadOperation
    public WebEndpointResponse<ScopeDetailDescriptor> scope(SecurityContext securityContext, @Selector String id) {
        ScopeDetailDescriptor scope = detail(securityContext, id);
        return scope == null ? notFound() : new WebEndpointResponse<>(scope);
    }

    /**
     * One scope, a root or a descendant, as a tree of text.
     *
     * @param securityContext who asks
     * @param id the id of the scope
     * @return lines of text; 404 if no scope that lives now has this id
     */
    @ReadOperation(produces = TEXT)
    public WebEndpointResponse<String> scopeText(SecurityContext securityContext, @Selector String id) {
        ScopeDetailDescriptor scope = detail(securityContext, id);
        return scope == null ? notFound() : new WebEndpointResponse<>(ScopesText.of(scope));
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
        return found ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT) : notFound();
    }

    private @Nullable ScopeDetailDescriptor detail(SecurityContext securityContext, String id) {
        return delegate.scope(id, showStacks.isShown(securityContext, roles));
    }

    private static <T> WebEndpointResponse<T> notFound() {
        return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
    }

    private static @Nullable String nameOf(@Nullable Principal principal) {
        String name = principal == null ? null : principal.getName();
        return name == null ? null : name.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]", "?");
    }
}
