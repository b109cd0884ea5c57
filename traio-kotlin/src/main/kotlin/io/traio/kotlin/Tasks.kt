// SPDX-License-Identifier: Apache-2.0
package io.traio.kotlin

import io.traio.Scope
import io.traio.Started
import io.traio.Task
import io.traio.TaskOptions
import java.util.concurrent.Callable
import java.util.function.UnaryOperator
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/**
 * Spawns a task with a result: [Scope.spawn] with named arguments. Of the options, those that are left out are as the
 * scope's defaults say.
 *
 * @param name name of the task; by default one is derived
 * @param awaited whether the scope waits for the task; false cancels it when all others have ended
 * @param bubble whether a failure of the task cancels the scope
 * @param master whether the end of the task ends the scope
 * @param toJoin whether a failure is kept for whoever joins the task
 * @param options further changes of the options
 * @param work what to do
 * @return the task
 * @throws IllegalStateException if the scope has ended or is ending, or it is completed and this thread is not inside it
 * @throws java.util.concurrent.RejectedExecutionException if the scope is full and rejects tasks then
 * @throws io.traio.ScopeCancelledException if this thread waited for a place and its scope or task was cancelled meanwhile
 * @throws io.traio.ScopeInterruptedException if this thread was interrupted while it waited for a place
 */
public fun <T> Scope.async(
    name: String? = null,
    awaited: Boolean? = null,
    bubble: Boolean? = null,
    master: Boolean? = null,
    toJoin: Boolean? = null,
    options: TaskOptions.() -> TaskOptions = { this },
    work: () -> T,
): Task<T> {
    val changes = taskOptions(awaited, bubble, master, toJoin, options)
    return if (name != null) spawn(name, Callable { work() }, changes) else spawn(Callable { work() }, changes)
}

/**
 * Spawns a task without a result. What the lambda returns is dropped.
 *
 * @return the task
 * @see async
 */
public fun Scope.launch(
    name: String? = null,
    awaited: Boolean? = null,
    bubble: Boolean? = null,
    master: Boolean? = null,
    toJoin: Boolean? = null,
    options: TaskOptions.() -> TaskOptions = { this },
    work: () -> Unit,
): Task<Unit> = async(name, awaited, bubble, master, toJoin, options, work)

/**
 * Spawns a task if the scope still takes one.
 *
 * @return the task, or null if the scope has ended, is ending or full
 * @see async
 * @see Scope.trySpawn
 */
public fun <T> Scope.asyncOrNull(
    name: String,
    awaited: Boolean? = null,
    bubble: Boolean? = null,
    master: Boolean? = null,
    toJoin: Boolean? = null,
    options: TaskOptions.() -> TaskOptions = { this },
    work: () -> T,
): Task<T>? =
    trySpawn(name, Callable { work() }, taskOptions(awaited, bubble, master, toJoin, options)).orElse(null)

/**
 * Spawns a task and waits until it says that it is ready: [Scope.start] with named arguments. The options have an effect
 * from then on.
 *
 * ```
 * val server = start("server", awaited = false) { ready ->
 *     ServerSocket(0).use { socket ->
 *         ready.ready(socket.localPort)
 *         serve(socket)
 *     }
 * }
 * ```
 *
 * @return the task and what it has said
 */
public fun <V> Scope.start(
    name: String,
    awaited: Boolean? = null,
    bubble: Boolean? = null,
    master: Boolean? = null,
    options: TaskOptions.() -> TaskOptions = { this },
    work: (Started.Ready<V>) -> Unit,
): Started<V> = start(name, Started.Body { work(it) }, taskOptions(awaited, bubble, master, null, options))

private fun taskOptions(
    awaited: Boolean?,
    bubble: Boolean?,
    master: Boolean?,
    toJoin: Boolean?,
    options: TaskOptions.() -> TaskOptions,
): UnaryOperator<TaskOptions> = UnaryOperator {
    var changed = it
    if (awaited != null) changed = changed.withAwaited(awaited)
    if (bubble != null) changed = changed.withBubble(bubble)
    if (master != null) changed = changed.withMaster(master)
    if (toJoin != null) changed = changed.withToJoin(toJoin)
    changed.options()
}

/** Waits until the task has ended, at most for some time; returns whether it has. See [Task.awaitEnd]. */
public fun Task<*>.awaitEnd(timeout: Duration): Boolean = awaitEnd(timeout.toJavaDuration())

/** Returns a copy with another grace period. See [TaskOptions.withCancelTimeout]. */
public fun TaskOptions.withCancelTimeout(timeout: Duration): TaskOptions = withCancelTimeout(timeout.toJavaDuration())
