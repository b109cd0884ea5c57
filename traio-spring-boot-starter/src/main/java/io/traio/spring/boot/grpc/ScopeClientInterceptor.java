// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Limits each call that is made in a scope to the time that the scope has left, if its own deadline is not earlier, and cancels
 * it with the task or body that has made it, for as long as that runs. In cancelled code no call begins: the stub throws
 * {@link ScopeCancelledException}.
 *
 * <p>Interceptors that set a deadline of their own come before this one. Thread-safe.
 */
public final class ScopeClientInterceptor implements ClientInterceptor {

    /** Creates an interceptor. */
    public ScopeClientInterceptor() {}

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
        Scope scope = Scope.current().orElse(null);
        if (scope == null) {
            return next.newCall(method, options);
        }
        Scope.checkCancelled();
        Duration left = scope.remaining().orElse(null);
        CallOptions limited = left != null ? options.withDeadline(earlier(options.getDeadline(), left)) : options;
        return new CallInScope<>(next.newCall(method, limited), scope);
    }

    private static Deadline earlier(@Nullable Deadline own, Duration left) {
        Deadline ofScope = Deadline.after(left.toNanos(), TimeUnit.NANOSECONDS);
        return own != null && own.isBefore(ofScope) ? own : ofScope;
    }
}
