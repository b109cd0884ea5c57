// SPDX-License-Identifier: Apache-2.0
package io.traio.kotlin

import io.traio.Operators
import io.traio.Scope
import io.traio.ScopeOpener
import io.traio.ScopeOptions
import java.util.concurrent.Callable
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/**
 * Returns the operators, whose scopes are opened here: [Operators.on] with named arguments. Their lambdas are Kotlin's.
 *
 * ```
 * val fastest = scopes.operators(timeout = 800.milliseconds).race({ alpha.quote(route) }, { beta.quote(route) })
 * val (flight, hotel) = scopes.operators().all({ flights.find(id) }, { hotels.find(id) })
 * val pages = scopes.operators().mapAll(urls, 10) { fetch(it) }
 * ```
 *
 * @param name name of the scopes; by default that of the operator
 * @param timeout how long each scope may last
 * @param options further changes of the options
 * @return the operators
 */
public fun ScopeOpener.operators(
    name: String? = null,
    timeout: Duration? = null,
    options: ScopeOptions.() -> ScopeOptions = { this },
): Operators {
    val operators = Operators.on(this).withOptions(scopeOptions(timeout, null, options))
    return if (name != null) operators.withName(name) else operators
}

/**
 * Returns the operators, whose scopes are children of this scope.
 *
 * @see ScopeOpener.operators
 */
public fun Scope.operators(
    name: String? = null,
    timeout: Duration? = null,
    options: ScopeOptions.() -> ScopeOptions = { this },
): Operators = fork().operators(name, timeout, options)

/** Runs two tasks at once and returns both results. The first failure cancels the other task and is thrown. */
public fun <A, B> Operators.all(a: () -> A, b: () -> B): Pair<A, B> =
    all(Callable { a() }, Callable { b() }) { first, second -> Pair(first, second) }

/** Runs three tasks at once and returns their results. The first failure cancels the other tasks and is thrown. */
public fun <A, B, C> Operators.all(a: () -> A, b: () -> B, c: () -> C): Triple<A, B, C> =
    all({ a() }, { b() }, { c() }) { first, second, third -> Triple(first, second, third) }

/** Runs attempts, each some time after the one before it, and returns the first value. See [Operators.hedge]. */
public fun <T> Operators.hedge(delay: Duration, vararg attempts: () -> T): T {
    val java = delay.toJavaDuration()
    return hedge({ java }, attempts.map { attempt -> Callable { attempt() } })
}

/** Applies a function to each item of a sequence, which this thread pulls. See [Operators.mapAll]. */
public fun <T, R> Operators.mapAll(items: Sequence<T>, limit: Int, function: (T) -> R): List<R> =
    mapAll(items.asIterable(), limit) { function(it) }

/** Does something with each item of a sequence, which this thread pulls. See [Operators.forEach]. */
public fun <T> Operators.forEach(items: Sequence<T>, limit: Int, action: (T) -> Unit): Unit =
    forEach(items.asIterable(), limit) { action(it) }

/** Returns a copy that does something with each value of a type that no caller gets. See [Operators.onDiscard]. */
public inline fun <reified V : Any> Operators.onDiscard(noinline hook: (V) -> Unit): Operators =
    onDiscard(V::class.java) { hook(it) }
