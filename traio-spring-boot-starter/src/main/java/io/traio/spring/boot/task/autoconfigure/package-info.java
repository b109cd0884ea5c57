// SPDX-License-Identifier: Apache-2.0
/**
 * Auto-configuration of the two executors.
 *
 * <p>{@code traioTaskExecutor} runs the tasks of scopes, unless {@code traio.executor} names another bean: the
 * {@code ScopeExecutorCustomizer} finds that bean and has the factory use it. {@code scopeTaskExecutor} spawns into the
 * current scope.
 */
@NullMarked
package io.traio.spring.boot.task.autoconfigure;

import org.jspecify.annotations.NullMarked;
