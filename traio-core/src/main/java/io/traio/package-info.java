// SPDX-License-Identifier: Apache-2.0
/**
 * Structured concurrency: a {@link io.traio.Scope} owns the tasks that are spawned in it, and ends when all of them
 * have ended.
 *
 * <p>Start at {@link io.traio.ScopeFactory}. The public types here are what users need; the engine behind them is
 * package-private and follows a task's way: spawn, run, finish, scope end, observed.
 */
@NullMarked
package io.traio;

import org.jspecify.annotations.NullMarked;
