// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.http;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.spring.boot.internal.CodeInScope;
import java.io.IOException;
import java.time.Duration;

/**
 * A request and the reading of its response, on one thread. That is interrupted if its code is cancelled while it is in one of
 * these calls, whether traio interrupts it otherwise or not; when the call is left, the interrupt has done its work.
 */
final class InterruptibleCall {

    /** When traio interrupts its code all the same. */
    private static final Duration INTERRUPT_AFTER = Duration.ofSeconds(1);

    private final Thread thread = Thread.currentThread();
    private final CodeInScope code;

    // Guarded by this.
    private boolean within;
    private boolean interrupted;
    private Closing stopped = () -> {};

    InterruptibleCall(Scope scope) {
        code = new CodeInScope(scope, this::stop);
        code.enter();
    }

    /** One of the calls. */
    @FunctionalInterface
    interface Call<T> {
        T call() throws IOException;
    }

    /** Ends a call that an interrupt may not end. */
    @FunctionalInterface
    interface Closing {
        void close() throws IOException;
    }

    private void stop() {
        Closing closing;
        synchronized (this) {
            if (!within) {
                return;
            }
            // One that is pending comes from outside: traio's own waits for the end of the call.
            if (!thread.isInterrupted()) {
                interrupted = true;
                thread.interrupt();
            }
            closing = stopped;
        }
        closeQuietly(closing);
    }

    private static void closeQuietly(Closing closing) {
        try {
            closing.close();
        } catch (IOException e) {
            // The interrupt has closed it.
        }
    }

    /**
     * Sets what a cancellation closes beside the interrupt. For streams that may swallow it; others may wait in their close for
     * the thread that reads.
     */
    synchronized void alsoClose(Closing closing) {
        stopped = closing;
    }

    /**
     * Makes one of the calls.
     *
     * @throws ScopeCancelledException if the call has failed and its code was cancelled
     */
    <T> T call(Call<T> call) throws IOException {
        if (Thread.currentThread() != thread) {
            // Handed to other code, which reads for itself.
            return call.call();
        }
        // Closed last: where traio interrupts its code, too, that comes then, and not in place of the one of this call.
        try (Scope.CancelHook hold = Scope.onCancel(INTERRUPT_AFTER, () -> {})) {
            return callHeld(call);
        }
    }

    private <T> T callHeld(Call<T> call) throws IOException {
        enter();
        try {
            return call.call();
        } catch (IOException | RuntimeException e) {
            if (code.isCancelled()) {
                throw new ScopeCancelledException("The request was cancelled with its scope or task", e);
            }
            throw e;
        } finally {
            leave();
        }
    }

    private void enter() {
        synchronized (this) {
            within = true;
        }
        if (code.isCancelled()) {
            leave();
            throw new ScopeCancelledException("The request was cancelled with its scope or task", null);
        }
    }

    private synchronized void leave() {
        within = false;
        if (interrupted) {
            interrupted = false;
            Thread.interrupted();
        }
    }

    /**
     * Closes the response. That may read the rest of it first, so that the connection can be used again; in cancelled code it
     * does not.
     */
    void close(Runnable closing) {
        try {
            call(() -> {
                closing.run();
                return true;
            });
        } catch (ScopeCancelledException | IOException e) {
            closeWithoutReading(closing);
        }
    }

    /** Taken out first: closing may block, and the lock is not to be held then. */
    private synchronized Closing stopped() {
        return stopped;
    }

    private void closeWithoutReading(Runnable closing) {
        Thread.currentThread().interrupt();
        try {
            closeQuietly(stopped());
            closing.run();
        } finally {
            Thread.interrupted();
        }
    }

    /** The response is closed, or there is none. */
    void over() {
        code.leave();
    }
}
