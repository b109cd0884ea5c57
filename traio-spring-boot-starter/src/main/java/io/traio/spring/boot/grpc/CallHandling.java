// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.spi.CancellationSignals;
import io.traio.spring.boot.internal.HandlerScope;
import io.traio.spring.boot.internal.Rethrow;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The handling of one call of a server. Each thread that handles the call is bound to its scope. The code that handles the call
 * closes it; the scope then takes no more tasks, and the call is complete when those that are left have ended.
 *
 * <p>A call that is cancelled, by the client or because its connection or its time has ended, is cancelled by its context. gRPC
 * does that on a thread of its own, while the listener hears of it only when the handler has returned.
 */
final class CallHandling<Q, R> extends SimpleForwardingServerCall<Q, R> implements Context.CancellationListener {

    /** The call that the code in a context handles. */
    static final Context.Key<CallHandling<?, ?>> CURRENT = Context.key("io.traio.call");

    /**
     * How long before the end of its time a scope is left to its own timeout, which says more than a cancellation. The clock of
     * a client that sends a deadline runs ahead by the way to the server, and the client cancels when its time is up.
     */
    private static final Duration ABOUT_TO_TIME_OUT = Duration.ofMillis(20);

    private final HandlerScope scope;
    private final boolean joinsAtEnd;
    private final FailureStatus statuses;

    private final AtomicBoolean closed = new AtomicBoolean();

    /** Whether the call was cancelled: no client gets an answer. */
    private volatile boolean gone;

    CallHandling(ServerCall<Q, R> call, CallScopeFactory scopes, @Nullable Deadline deadline, FailureStatus statuses) {
        super(call);
        this.scope = scopes.prepare(deadline);
        this.joinsAtEnd = scopes.joinsAtEnd();
        this.statuses = statuses;
    }

    ServerCall.Listener<Q> start(Context context, Metadata headers, ServerCallHandler<Q, R> next) {
        AtomicReference<ServerCall.Listener<Q>> started = new AtomicReference<>(new ServerCall.Listener<>() {});
        within(() -> started.set(new Bound(Contexts.interceptCall(context, this, headers, next))));
        return started.get();
    }

    private void within(Runnable callback) {
        Scope.Binding binding = scope.bind();
        Throwable failure = null;
        try {
            callback.run();
        } catch (Throwable e) {
            failure = e;
        }
        try {
            binding.close();
        } catch (RuntimeException misuse) {
            if (failure == null) {
                failure = misuse;
            } else {
                failure.addSuppressed(misuse);
            }
        }
        if (failure != null) {
            fail(failure);
        }
    }

    /** Returns the full name of the method, which names the service, too. */
    String method() {
        return getMethodDescriptor().getFullMethodName();
    }

    /** Returns whether a scope is that of this call, or one below it. */
    boolean contains(@Nullable Scope inner) {
        Scope own = scope.opened();
        Scope around = inner;
        while (around != null && around != own) {
            around = around.parent().orElse(null);
        }
        return around != null;
    }

    // ---- the context of the call ----

    @Override
    public void cancelled(Context context) {
        Throwable cause = context.cancellationCause();
        gone = cause != null;
        if (isAboutToTimeOut()) {
            return;
        }
        OpenScope open = scope.opened();
        if (open != null) {
            open.cancel(reasonOf(cause));
        } else if (!(cause instanceof TimeoutException)) {
            // Opened by code that runs on, it is a cancelled one.
            scope.cancel();
        }
    }

    private boolean isAboutToTimeOut() {
        OpenScope open = scope.opened();
        Duration left = open != null ? open.remaining().orElse(null) : null;
        return left != null && left.compareTo(ABOUT_TO_TIME_OUT) < 0;
    }

    private static String reasonOf(@Nullable Throwable cause) {
        if (cause instanceof TimeoutException) {
            return "the deadline of the call has passed";
        }
        return cause != null ? "the client has cancelled the call or is gone" : "the call is over";
    }

    // ---- the end ----

    @Override
    public void close(Status status, Metadata trailers) {
        if (!closed.compareAndSet(false, true)) {
            throw new IllegalStateException("The call of " + method() + " was closed already");
        }
        boolean cancel = !joinsAtEnd || !status.isOk();
        if (!scope.end(cancel, failure -> complete(status, trailers, failure))) {
            super.close(status, trailers);
        }
    }

    private void complete(Status status, Metadata trailers, @Nullable Throwable failure) {
        if (failure == null || gone || isAnswer(status)) {
            logIfAny(failure);
            super.close(status, trailers);
        } else {
            FailureStatus.Answer answer = statuses.ofTasks(failure);
            super.close(answer.status(), answer.trailers());
        }
    }

    /** A handler that fails because its scope has ended only says that it could not go on. */
    private static boolean isAnswer(Status status) {
        return !status.isOk() && (status.getCause() == null || !CancellationSignals.isSignal(status.getCause()));
    }

    private static void logIfAny(@Nullable Throwable failure) {
        if (failure != null) {
            FailureStatus.logUnanswered(failure);
        }
    }

    /** Ends the scope of a handler that has thrown. What traio has no answer to is for gRPC, and for interceptors before. */
    private void fail(Throwable failure) {
        if (closed.get()) {
            throw Rethrow.asIs(failure);
        }
        Throwable outcome = scope.fail(failure);
        FailureStatus.Answer answer = statuses.ofScope(outcome, gone);
        if (answer == null || !closed.compareAndSet(false, true)) {
            throw Rethrow.asIs(outcome);
        }
        super.close(answer.status(), answer.trailers());
    }

    /** What gRPC calls, one after the other. */
    private final class Bound extends SimpleForwardingServerCallListener<Q> {

        Bound(ServerCall.Listener<Q> listener) {
            super(listener);
        }

        @Override
        public void onMessage(Q message) {
            within(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            within(super::onHalfClose);
        }

        @Override
        public void onReady() {
            within(super::onReady);
        }

        @Override
        public void onCancel() {
            try {
                within(super::onCancel);
            } finally {
                scope.end(/* cancel= */ true, CallHandling::logIfAny);
            }
        }

        @Override
        public void onComplete() {
            within(super::onComplete);
        }
    }
}
