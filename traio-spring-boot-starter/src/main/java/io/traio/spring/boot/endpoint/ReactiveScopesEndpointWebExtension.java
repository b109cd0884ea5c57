// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.web.filter.reactive.ServerWebExchangeContextFilter;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The {@link ScopesEndpointWebExtension} of WebFlux applications. The live page needs a
 * {@link ServerWebExchangeContextFilter} to find its request; without one it offers no cancelling, which may require a CSRF
 * token.
 *
 * <p>Thread-safe.
 */
@EndpointWebExtension(endpoint = ScopesEndpoint.class)
@ImportRuntimeHints(ScopesPageRuntimeHints.class)
public class ReactiveScopesEndpointWebExtension {

    private final ScopesEndpointWebExtension delegate;
    private final ScopesPage page;

    /**
     * Creates an extension.
     *
     * @param delegate the endpoint
     * @param showStacks whether the detail of a scope has the stack traces of its tasks
     * @param roles roles that are authorized to see them, where authorization is required; if empty, all authenticated users
     * @param cancellable whether the live page offers to cancel scopes
     * @param traceLink as {@link ScopesEndpointWebExtension}
     * @throws IllegalArgumentException as {@link ScopesEndpointWebExtension}
     */
    public ReactiveScopesEndpointWebExtension(
            ScopesEndpoint delegate,
            Show showStacks,
            Set<String> roles,
            boolean cancellable,
            @Nullable String traceLink) {
        this.delegate = new ScopesEndpointWebExtension(delegate, showStacks, roles, cancellable, traceLink);
        this.page = new ScopesPage(cancellable, traceLink);
    }

    /**
     * Returns the live page, which is never cached.
     *
     * @param format the format
     * @return HTML
     */
    @ReadOperation(producesFrom = PageFormat.class)
    public Mono<String> page(PageFormat format) {
        return Mono.deferContextual(context -> ServerWebExchangeContextFilter.getExchange(context)
                .map(this::page)
                .orElseGet(() -> Mono.fromSupplier(page::renderReadOnly)));
    }

    private Mono<String> page(ServerWebExchange exchange) {
        ReactivePageRequest.addHeaders(exchange, page);
        Mono<CsrfHeader> csrf = page.isCancellable() ? ReactivePageRequest.csrf(exchange) : Mono.empty();
        return csrf.map(page::render).switchIfEmpty(Mono.fromSupplier(() -> page.render(null)));
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
    @ReadOperation(produces = ScopesEndpointWebExtension.TEXT)
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
    public Mono<WebEndpointResponse<ScopeDetailDescriptor>> scope(
            SecurityContext securityContext, @Selector String id) {
        return plain(() -> delegate.scope(securityContext, id));
    }

    /**
     * Returns one scope, a root or a descendant, as a tree of text.
     *
     * @param securityContext the security context of the caller
     * @param id the id of the scope
     * @return lines of text; 404 if no live scope has this id
     */
    @ReadOperation(produces = ScopesEndpointWebExtension.TEXT)
    public Mono<WebEndpointResponse<String>> scopeText(SecurityContext securityContext, @Selector String id) {
        return plain(() -> delegate.scopeText(securityContext, id));
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
    public Mono<WebEndpointResponse<Void>> cancel(
            SecurityContext securityContext, @Selector String id, @Nullable String reason) {
        return plain(() -> delegate.cancel(securityContext, id, reason));
    }

    /** Answers a path without parameters, on a thread that may block; any other path is not found. */
    private static <T> Mono<WebEndpointResponse<T>> plain(Supplier<WebEndpointResponse<T>> operation) {
        return Mono.deferContextual(context -> ReactivePageRequest.hasPathParameters(context)
                        ? Mono.just(ScopesEndpointWebExtension.<T>notFound())
                        : Mono.fromSupplier(operation))
                .subscribeOn(Schedulers.boundedElastic());
    }
}
