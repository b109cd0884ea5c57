// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import io.traio.Scope;
import io.traio.ScopeFailedException;
import java.io.InterruptedIOException;
import java.lang.reflect.Method;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;

/**
 * Has the failure of an {@code @Async} method that returns nothing cancel the scope, if it ran on a
 * {@link ScopeTaskExecutor}: the scope raises it, as that of any task. All other failures go to another handler.
 *
 * <p>In an application it is in force with {@code traio.async.default=true}. With an {@code AsyncConfigurer} of your own,
 * return it from there.
 *
 * <p>Safe for use by several threads.
 */
public final class ScopeAsyncUncaughtExceptionHandler implements AsyncUncaughtExceptionHandler {

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeTaskExecutor.class);

    private final AsyncUncaughtExceptionHandler others;

    /**
     * Makes a handler.
     *
     * @param others gets the failures of methods that were run by other executors
     * @throws NullPointerException if the argument is null
     */
    public ScopeAsyncUncaughtExceptionHandler(AsyncUncaughtExceptionHandler others) {
        this.others = Objects.requireNonNull(others, "others");
    }

    @Override
    public void handleUncaughtException(Throwable failure, Method method, @Nullable Object... arguments) {
        ScopeWork<?> work = ScopeWork.current();
        if (work == null) {
            others.handleUncaughtException(failure, method, arguments);
            return;
        }
        Scope scope = work.scope();
        if (scope.isCancelled() && isInterruption(failure)) {
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

    private static boolean isInterruption(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof InterruptedException
                    || e instanceof CancellationException
                    || e instanceof ClosedByInterruptException
                    || e instanceof InterruptedIOException && !(e instanceof SocketTimeoutException)) {
                return true;
            }
        }
        return false;
    }
}
