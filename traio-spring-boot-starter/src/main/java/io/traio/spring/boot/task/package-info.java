// SPDX-License-Identifier: Apache-2.0
/**
 * Spring's task executors and scopes.
 *
 * <p>{@link io.traio.spring.boot.task.ScopeTaskExecutor} makes asynchronous work of Spring tasks of the current scope; its
 * {@code ScopeCallable} is the work of such a task, and its {@code StageCompleter} completes the stages that never start.
 * {@link io.traio.spring.boot.task.ScopeAsyncUncaughtExceptionHandler} has {@code @Async} methods without a result fail their
 * scope.
 */
@NullMarked
package io.traio.spring.boot.task;

import org.jspecify.annotations.NullMarked;
