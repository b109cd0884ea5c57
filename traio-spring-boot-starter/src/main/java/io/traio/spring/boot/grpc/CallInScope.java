// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc;

import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.Status;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.spring.boot.internal.CodeInScope;

/**
 * A call that was made in a scope. If it ends because that code was cancelled, its status says so: with an exception of traio's
 * as its cause, what the stub throws is known as no failure.
 */
final class CallInScope<Q, R> extends SimpleForwardingClientCall<Q, R> {

    private static final String WHY = "The call was cancelled with its scope or task";

    private final CodeInScope code;

    CallInScope(ClientCall<Q, R> call, Scope scope) {
        super(call);
        code = new CodeInScope(scope, () -> cancel(WHY, new ScopeCancelledException(WHY, null)));
    }

    @Override
    public void start(Listener<R> listener, Metadata headers) {
        super.start(
                new SimpleForwardingClientCallListener<>(listener) {

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        super.onClose(end(status), trailers);
                    }
                },
                headers);
        // Afterwards: a call that is cancelled first cannot start.
        code.enter();
    }

    @Override
    public void sendMessage(Q message) {
        unlessCancelled(() -> super.sendMessage(message));
    }

    @Override
    public void halfClose() {
        unlessCancelled(super::halfClose);
    }

    /** gRPC calls it a misuse to go on with a call that was cancelled; the stub is about to hear of that. */
    private void unlessCancelled(Runnable step) {
        try {
            step.run();
        } catch (IllegalStateException e) {
            if (!code.isCancelled()) {
                throw e;
            }
        }
    }

    private Status end(Status status) {
        boolean stopped = switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> code.isCancelledByNow();
            case CANCELLED -> code.isCancelled();
            default -> false;
        };
        code.leave();
        return stopped ? status.withCause(new ScopeCancelledException(WHY, status.getCause())) : status;
    }
}
