// SPDX-License-Identifier: Apache-2.0
/**
 * A scope for each request, of servlets and of WebFlux: opened on first use, joined before the response is complete.
 *
 * <p>{@link io.traio.spring.boot.request.RequestScopeFilter} begins and ends a {@code RequestHandling}, which holds the
 * {@link io.traio.spring.boot.internal.HandlerScope} of the code that runs now, made by {@link
 * io.traio.spring.boot.request.RequestScopeFactory}. {@link io.traio.spring.boot.request.RequestScopeProxy} is the {@code
 * Scope} that applications inject.
 *
 * <p>In Spring MVC the scope of a handler ends before the response is written. For a body that is done by
 * {@link io.traio.spring.boot.request.RequestScopeResponseBodyAdvice}, for a view by {@code RequestScopeInterceptor}, for a
 * handler function by {@link io.traio.spring.boot.request.RouterFunctionPostProcessor}, and for a failure by
 * {@link io.traio.spring.boot.request.RequestScopeExceptionResolver}. {@link
 * io.traio.spring.boot.request.MvcFailureResponder} and {@link io.traio.spring.boot.request.ScopeExceptionHandler} answer
 * failures of scopes. {@link io.traio.spring.boot.request.DisconnectedClient} recognizes those of clients that have gone.
 *
 * <p>Asynchronous requests: {@code RequestAsyncListener} ends the scope, {@code CallableScopeInterceptor} binds it to the
 * thread of a {@code Callable}, and {@code DeferredResultScopeInterceptor} completes a {@code DeferredResult} whose tasks
 * failed.
 *
 * <p>WebFlux: {@link io.traio.spring.boot.request.RequestScopeWebFilter} begins and ends an {@code ExchangeHandling}, in which
 * {@code Mono}s wait in place of threads. {@code ExchangeResponse} ends the scope before a response is written, and {@link
 * io.traio.spring.boot.request.RequestScopeHandlerAdapter} before a failure is handled. {@link
 * io.traio.spring.boot.request.ScopeWebExceptionHandler} answers failures of scopes.
 *
 * <p>Applications implement {@link io.traio.spring.boot.request.RequestTimeoutResolver} and {@link
 * io.traio.spring.boot.request.ReactiveRequestTimeoutResolver}; the other public types are for the
 * auto-configuration.
 */
@NullMarked
package io.traio.spring.boot.request;

import org.jspecify.annotations.NullMarked;
