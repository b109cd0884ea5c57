// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import io.traio.Scope;
import io.traio.ScopeFailedException;
import io.traio.spi.CancellationSignals;
import java.lang.reflect.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;

/**
 * Cancels the scope when an {@code @Async} method without a result fails on a {@link ScopeTaskExecutor}: the exit of the
 * scope throws the failure, as that of any task. Other failures go to another handler.
 *
 * <p>With {@code traio.async.default=true} it is the handler of the application. If the application has its own
 * {@code AsyncConfigurer}, that must return it.
 *
 * <p>Thread-safe.
 */
public final class ScopeAsyncUncaughtExceptionHandler implements AsyncUncaughtExceptionHandler {

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeTaskExecutor.class);

    private final AsyncUncaughtExceptionHandler others;

    /**
     * Creates a handler.
     *
     * @param others handles the failures of methods that other executors ran
     * @throws NullPointerException if the argument is null
     */
    public ScopeAsyncUncaughtExceptionHandler(AsyncUncaughtExceptionHandler others) {
        this.others = Objects.requireNonNull(others, "others");
    }

    @Override
    public void handleUncaughtException(Throwable failure, Method method, @Nullable Object... arguments) {
        ScopeCallable<?> work = ScopeCallable.current();
        if (work == null) {
            others.handleUncaughtException(failure, method, arguments);
            return;
        }
        Scope scope = work.scope();
        if (scope.isCancelled() && CancellationSignals.isSignal(failure)) {
            LOGGER.debug("{} was cancelled in {}", method, scope, failure);
        } else {
            scope.cancel(unchecked(failure, method));
        }
    }

    private static Throwable unchecked(Throwable failure, Method method) {
        return failure instanceof RuntimeException || failure instanceof Error
                ? failure
                : new ScopeFailedException(method + " failed: " + failure, failure);
    }
}
