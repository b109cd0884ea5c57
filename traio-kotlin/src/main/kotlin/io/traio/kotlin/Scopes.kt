// SPDX-License-Identifier: Apache-2.0
package io.traio.kotlin

import io.traio.Scope
import io.traio.ScopeFactory
import io.traio.ScopeOpener
import io.traio.ScopeOptions
import io.traio.Task
import java.util.function.UnaryOperator
import kotlin.time.Duration
import kotlin.time.toJavaDuration
import kotlin.time.toKotlinDuration

/** The innermost scope of this thread, or null outside of any. [Scope.requireCurrent] throws instead. */
public val currentScope: Scope?
    get() = Scope.current().orElse(null)

/** The task that this thread runs, or null if it runs none. */
public val currentTask: Task<*>?
    get() = Task.current().orElse(null)

/**
 * Opens a scope, calls the body in it, and waits for its tasks: [ScopeOpener.call] with named arguments.
 *
 * ```
 * val best = scopes.scoped("quotes", timeout = 800.milliseconds) {
 *     val alpha = async("alpha") { suppliers.alpha(route) }
 *     val beta = async("beta") { suppliers.beta(route) }
 *     minOf(alpha.join(), beta.join(), compareBy { it.price })
 * }
 * ```
 *
 * @param name name of the scope
 * @param timeout how long the scope may last; by default as long as the scope above, or as the factory says
 * @param maxConcurrency how many of its tasks may run at once; by default any number
 * @param options further changes of the options
 * @param body what to do, on this thread; `this` is the scope
 * @return what the body has returned
 * @throws IllegalArgumentException if the timeout or the concurrency is zero or negative; nothing is opened
 * @throws IllegalStateException if the scope above has ended or is ending, or the factory is closed
 * @throws io.traio.ScopeFailedException if the body or a task failed with a checked exception; others are thrown as they are
 * @throws io.traio.ScopeTimeoutException if the timeout has passed
 * @throws io.traio.ScopeCancelledException if the scope was cancelled, by itself before the body had returned or with the
 *   scope above
 * @throws io.traio.ScopeInterruptedException if this thread was interrupted from outside
 * @throws io.traio.StragglerException if a cancelled task did not end within its grace period
 */
public fun <T> ScopeOpener.scoped(
    name: String = ScopeOpener.DEFAULT_NAME,
    timeout: Duration? = null,
    maxConcurrency: Int? = null,
    options: ScopeOptions.() -> ScopeOptions = { this },
    body: Scope.() -> T,
): T = call(name, scopeOptions(timeout, maxConcurrency, options)) { it.body() }

/**
 * Opens a child of this scope, calls the body in it, and waits for its tasks, on whichever thread.
 *
 * @see ScopeOpener.scoped
 */
public fun <T> Scope.scoped(
    name: String = ScopeOpener.DEFAULT_NAME,
    timeout: Duration? = null,
    maxConcurrency: Int? = null,
    options: ScopeOptions.() -> ScopeOptions = { this },
    body: Scope.() -> T,
): T = fork().scoped(name, timeout, maxConcurrency, options, body)

/**
 * Opens a scope, calls the body in it, and waits for its tasks; returns null if the scope was cancelled by itself or its own
 * timeout has passed. All else is thrown as by [scoped]. As `withTimeoutOrNull` of coroutines;
 * [ScopeOpener.tryCall] also says why there is no value.
 *
 * @return what the body has returned; null if it did not in time
 * @see ScopeOpener.scoped
 */
public fun <T> ScopeOpener.scopedOrNull(
    name: String = ScopeOpener.DEFAULT_NAME,
    timeout: Duration? = null,
    maxConcurrency: Int? = null,
    options: ScopeOptions.() -> ScopeOptions = { this },
    body: Scope.() -> T,
): T? {
    val result = tryCall(name, scopeOptions(timeout, maxConcurrency, options)) { it.body() }
    return if (result.isPresent) result.get() else null
}

/**
 * Opens a child of this scope, and returns null if that was cancelled by itself or its own timeout has passed.
 *
 * @see ScopeOpener.scopedOrNull
 */
public fun <T> Scope.scopedOrNull(
    name: String = ScopeOpener.DEFAULT_NAME,
    timeout: Duration? = null,
    maxConcurrency: Int? = null,
    options: ScopeOptions.() -> ScopeOptions = { this },
    body: Scope.() -> T,
): T? = fork().scopedOrNull(name, timeout, maxConcurrency, options, body)

internal fun scopeOptions(
    timeout: Duration?,
    maxConcurrency: Int?,
    options: ScopeOptions.() -> ScopeOptions,
): UnaryOperator<ScopeOptions> = UnaryOperator {
    var changed = it
    if (timeout != null) changed = changed.withTimeout(timeout)
    if (maxConcurrency != null) changed = changed.withMaxConcurrency(maxConcurrency)
    changed.options()
}

/** The scope that this one is a child of, or null if it is a root. */
public val Scope.parentOrNull: Scope?
    get() = parent().orElse(null)

/** The time left until the earliest deadline of this scope and those above; null if there is none. See [Scope.remaining]. */
public val Scope.timeLeft: Duration?
    get() = remaining().orElse(null)?.toKotlinDuration()

/** Sets the timeout anew, counted from now. See [Scope.setTimeout]. */
public fun Scope.setTimeout(timeout: Duration): Unit = setTimeout(timeout.toJavaDuration())

/** Waits until the scope has ended, at most for some time; returns whether it has. See [Scope.awaitDone]. */
public fun Scope.awaitDone(timeout: Duration): Boolean = awaitDone(timeout.toJavaDuration())

/** The scope with this id that lives now, a root or a descendant, or null if there is none. */
public fun ScopeFactory.findOrNull(id: Long): Scope? = find(id).orElse(null)

/** Refuses new root scopes, and gives those that live some time to end; returns whether they have. See [ScopeFactory.drain]. */
public fun ScopeFactory.drain(timeout: Duration): Boolean = drain(timeout.toJavaDuration())

/** Returns a copy with another timeout. See [ScopeOptions.withTimeout]. */
public fun ScopeOptions.withTimeout(timeout: Duration): ScopeOptions = withTimeout(timeout.toJavaDuration())

/** Returns a copy with another grace period. See [ScopeOptions.withCancelTimeout]. */
public fun ScopeOptions.withCancelTimeout(timeout: Duration): ScopeOptions = withCancelTimeout(timeout.toJavaDuration())
