// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.ScopeFactory;
import io.traio.ScopeFailedException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeAsyncUncaughtExceptionHandlerTest {

    private final ScopeFactory scopes = ScopeFactory.create();
    private final ScopeTaskExecutor executor = ScopeTaskExecutor.refusingOutside(Runnable::run);
    private final List<Throwable> others = new ArrayList<>();
    private final ScopeAsyncUncaughtExceptionHandler handler =
            new ScopeAsyncUncaughtExceptionHandler((failure, method, arguments) -> others.add(failure));

    @AfterEach
    void close() {
        scopes.close();
    }

    @Test
    void failure_inTaskOfTheExecutor_isThrownByTheScope() {
        RuntimeException failure = new IllegalArgumentException("broken");
        assertThatThrownBy(() -> scopes.run("work", scope -> executor.execute(() -> handle(failure))))
                .isSameAs(failure);
        assertThat(others).isEmpty();
    }

    @Test
    void failure_checked_isThrownWrappedAndNamesTheMethod() {
        IOException failure = new IOException("broken");
        assertThatExceptionOfType(ScopeFailedException.class)
                .isThrownBy(() -> scopes.run("work", scope -> executor.execute(() -> handle(failure))))
                .withMessageContaining("toString")
                .withCause(failure);
    }

    @Test
    void failure_onAnotherExecutor_goesToTheOthers() {
        RuntimeException failure = new IllegalArgumentException("broken");
        Executor other = Runnable::run;
        scopes.run("work", scope -> other.execute(() -> handle(failure)));
        assertThat(others).containsExactly(failure);
    }

    @Test
    void interruption_ofCancelledScope_isNoFailure() {
        scopes.run(
                "work",
                scope -> executor.execute(() -> {
                    scope.cancel();
                    handle(new IllegalStateException(new InterruptedException()));
                }));
        assertThat(others).isEmpty();
    }

    @Test
    void failure_afterCancel_isNotLost() {
        RuntimeException first = new IllegalArgumentException("first");
        RuntimeException second = new IllegalArgumentException("second");
        assertThatThrownBy(() -> scopes.run(
                        "work",
                        scope -> executor.execute(() -> {
                            scope.cancel(first);
                            handle(second);
                        })))
                .isSameAs(first)
                .satisfies(e -> assertThat(e.getSuppressed()).contains(second));
    }

    @Test
    void others_null_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> new ScopeAsyncUncaughtExceptionHandler(null));
    }

    private void handle(Throwable failure) {
        try {
            Method method = Object.class.getMethod("toString");
            handler.handleUncaughtException(failure, method);
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }
}
