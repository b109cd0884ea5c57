// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The interrupt that ends a call is neither left behind nor taken for another. */
@Timeout(20)
class InterruptibleCallTest {

    private final ScopeFactory scopes = ScopeFactory.create();

    @AfterEach
    void close() {
        scopes.close();
        assertThat(Thread.interrupted()).isFalse();
    }

    private static int block() throws IOException {
        try {
            Thread.sleep(15_000);
            return 0;
        } catch (InterruptedException e) {
            throw new InterruptedIOException("interrupted");
        }
    }

    private final AtomicBoolean stopped = new AtomicBoolean();

    private void awaitStop() {
        while (!stopped.get()) {
            Thread.onSpinWait();
        }
    }

    private InterruptibleCall callIn(Scope scope) {
        InterruptibleCall call = new InterruptibleCall(scope);
        call.alsoClose(() -> stopped.set(true));
        return call;
    }

    @Test
    void call_codeIsCancelled_throwsThat() {
        scopes.run("run", scope -> {
            InterruptibleCall call = new InterruptibleCall(scope);
            scope.cancel();
            assertThatThrownBy(() -> call.call(InterruptibleCallTest::block))
                    .isInstanceOf(ScopeCancelledException.class);
            call.over();
        });
    }

    @Test
    void call_succeedsAsItsCodeIsCancelled_codeIsInterruptedAfterwards() {
        scopes.run("run", scope -> {
            InterruptibleCall call = callIn(scope);
            assertThat(call.call(() -> {
                        scope.cancel();
                        awaitStop();
                        return 7;
                    }))
                    .isEqualTo(7);
            call.over();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
    }

    @Test
    void call_succeedsAsItsCodeIsCancelled_threadThatTraioDoesNotInterruptKeepsNoFlag() throws Exception {
        OpenScope shared = scopes.openShared("request");
        try (Scope.Binding binding = shared.bind()) {
            InterruptibleCall call = callIn(shared);
            assertThat(call.call(() -> {
                        shared.cancel();
                        awaitStop();
                        return 7;
                    }))
                    .isEqualTo(7);
            call.over();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @Test
    void call_wasInterruptedFromOutsideBefore_thatIsNotLost() throws Exception {
        OpenScope shared = scopes.openShared("request");
        try (Scope.Binding binding = shared.bind()) {
            InterruptibleCall call = callIn(shared);
            call.call(() -> {
                Thread.currentThread().interrupt();
                shared.cancel();
                awaitStop();
                return 7;
            });
            call.over();
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
