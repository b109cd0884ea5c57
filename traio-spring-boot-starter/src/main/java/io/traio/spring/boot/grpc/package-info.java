// SPDX-License-Identifier: Apache-2.0
/**
 * gRPC: a scope for each call of a server, and calls of clients that end with their scope.
 *
 * <p>{@link io.traio.spring.boot.grpc.ScopeServerInterceptor} begins a {@code CallHandling} for each call: it binds the scope
 * of the call, made by {@link io.traio.spring.boot.grpc.CallScopeFactory}, to the threads that handle the call, and ends it
 * with the call. {@link io.traio.spring.boot.grpc.ScopeClientInterceptor} makes a {@code CallInScope} of each outgoing call: it
 * has no more time than its scope, and is cancelled with the code that has made it. {@link
 * io.traio.spring.boot.grpc.GrpcContextPropagator} carries {@code io.grpc.Context} into tasks.
 *
 * <p>The interceptors need nothing of Spring, so that a server or channel built by hand can have them, too.
 */
@NullMarked
package io.traio.spring.boot.grpc;

import org.jspecify.annotations.NullMarked;
