// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import io.traio.Scope;
import io.traio.Task;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture.AsynchronousCompletionTask;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes futures whose tasks ended before they started. A future task can be cancelled; a stage of a
 * {@link java.util.concurrent.CompletableFuture} can only be run, since nothing else reaches its future.
 */
final class LateStages {

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeTaskExecutor.class);
    private static final long WAIT_SECONDS = 1;

    private final Executor threads;

    LateStages(Executor threads) {
        this.threads = threads;
    }

    /** Whether the runnable completes a future, with its failure too: it never throws. */
    static boolean keepsItsFailure(Runnable runnable) {
        return runnable instanceof AsynchronousCompletionTask || runnable instanceof RunnableFuture<?>;
    }

    /** Sees to it that the future of the runnable is completed, whatever becomes of the task. */
    void watch(Task<?> task, ScopeWork<?> work, Runnable runnable) {
        task.onDone(ended -> {
            if (work.wasStarted()) {
                return;
            }
            if (runnable instanceof RunnableFuture<?> future) {
                future.cancel(/* mayInterruptIfRunning= */ false);
            } else {
                runLate(work.scope(), runnable);
            }
        });
    }

    private void runLate(Scope scope, Runnable stage) {
        FutureTask<?> run = new FutureTask<>(() -> runInterrupted(scope, stage), null);
        try {
            threads.execute(run);
        } catch (RejectedExecutionException e) {
            run.run();
        }
        scope.onDone(ended -> await(scope, run));
    }

    private static void runInterrupted(Scope scope, Runnable stage) {
        boolean interrupted = Thread.interrupted();
        try (Scope.Binding binding = scope.bind()) {
            Thread.currentThread().interrupt();
            stage.run();
        } finally {
            Thread.interrupted();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void await(Scope scope, FutureTask<?> run) {
        try {
            run.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOGGER.error("A CompletableFuture's stage did not end in time with its {} and runs on", scope);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | CancellationException e) {
            LOGGER.debug("A CompletableFuture's stage failed after the end of its {}", scope, e);
        }
    }
}
