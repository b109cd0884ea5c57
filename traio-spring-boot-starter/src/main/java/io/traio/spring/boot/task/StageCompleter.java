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
 * Completes futures whose tasks were cancelled before they started. A future task can be cancelled; a stage of a
 * {@link java.util.concurrent.CompletableFuture} can only be run, since nothing else completes its future.
 */
final class StageCompleter {

    private static final Logger LOGGER = LoggerFactory.getLogger(ScopeTaskExecutor.class);
    private static final long WAIT_SECONDS = 1;

    private final Executor threads;

    StageCompleter(Executor threads) {
        this.threads = threads;
    }

    /** Returns whether a runnable completes a future, also with its failure, and so never throws. */
    static boolean keepsItsFailure(Runnable runnable) {
        return runnable instanceof AsynchronousCompletionTask || runnable instanceof RunnableFuture<?>;
    }

    /** Ensures that the future of a runnable completes, even if the task never starts. */
    void watch(Task<?> task, ScopeCallable<?> work, Runnable runnable) {
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
            LOGGER.error("A stage of a CompletableFuture has not ended in time with its {} and still runs", scope);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | CancellationException e) {
            LOGGER.debug("A stage of a CompletableFuture failed after the end of its {}", scope, e);
        }
    }
}
