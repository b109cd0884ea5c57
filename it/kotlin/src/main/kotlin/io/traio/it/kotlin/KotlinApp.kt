// SPDX-License-Identifier: Apache-2.0
package io.traio.it.kotlin

import io.traio.ScopeFactory
import io.traio.ScopeFailedException
import io.traio.kotlin.async
import io.traio.kotlin.currentScope
import io.traio.kotlin.launch
import io.traio.kotlin.scoped
import io.traio.kotlin.scopedOrNull
import java.io.IOException
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

/** Runs scopes as Kotlin writes them. Exits with an error if anything is not as it should be. */
fun main() {
    ScopeFactory.create().use { scopes ->
        val sum = scopes.scoped("sum", timeout = 1.minutes) {
            val one = async("one") { 1 }
            val two = async("two") { 2 }
            launch("progress", awaited = false) { CountDownLatch(1).await() }
            one.join() + two.join()
        }
        check(sum == 3) { "tasks are joined" }

        val late = scopes.scopedOrNull("late", timeout = 20.milliseconds) {
            async("forever") { CountDownLatch(1).await() }.join()
        }
        check(late == null) { "a timeout gives null" }

        val failure = IOException("unreachable")
        val thrown = runCatching { scopes.scoped("failing") { async("task") { throw failure }.join() } }.exceptionOrNull()
        check(thrown is ScopeFailedException && thrown.cause === failure) { "a failure leaves the scope with its cause" }
    }
    check(currentScope == null) { "no scope is left behind" }
    println("Kotlin: ok")
}
