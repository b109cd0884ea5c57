// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusException;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gives each call of a server a scope, {@code grpc.call}: opened when code that handles the call first asks for the current
 * scope, limited by the deadline of the call, cancelled with the call, and ended before the call is complete.
 *
 * <p>Interceptors that are to see the status of a call whose tasks have failed come before this one. Thread-safe.
 */
public final class ScopeServerInterceptor implements ServerInterceptor {

    private final CallScopeFactory scopes;
    private final FailureStatus statuses;

    /**
     * Creates an interceptor.
     *
     * @param scopes prepares the scopes of calls
     */
    public ScopeServerInterceptor(CallScopeFactory scopes) {
        this(scopes, failure -> null);
    }

    /**
     * Creates an interceptor.
     *
     * @param scopes prepares the scopes of calls
     * @param handlers what the application answers to a failure; null if it leaves that to traio
     */
    public ScopeServerInterceptor(CallScopeFactory scopes, Function<Throwable, @Nullable StatusException> handlers) {
        this.scopes = Objects.requireNonNull(scopes, "scopes");
        this.statuses = new FailureStatus(Objects.requireNonNull(handlers, "handlers"));
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Context around = Context.current();
        CallHandling<Q, R> handling = new CallHandling<>(call, scopes, around.getDeadline(), statuses);
        around.addListener(handling, Runnable::run);
        return handling.start(around.withValue(CallHandling.CURRENT, handling), headers, next);
    }
}
