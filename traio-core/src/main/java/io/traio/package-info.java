// SPDX-License-Identifier: Apache-2.0
/**
 * Structured concurrency: a {@link io.traio.Scope} owns the tasks that are spawned in it, and ends when all of them
 * have ended.
 *
 * <p>Start at {@link io.traio.ScopeFactory}. The types here are what users need; the engine behind them is internal.
 */
@NullMarked
package io.traio;

import org.jspecify.annotations.NullMarked;
