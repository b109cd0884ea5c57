// SPDX-License-Identifier: Apache-2.0
package io.traio.kotlin

import io.traio.ScopeFactory
import io.traio.Task
import io.traio.test.junit.ScopesExtension
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

@ExtendWith(ScopesExtension::class)
class TasksTest {

    private val done = ConcurrentLinkedQueue<String>()

    @Test
    fun async_lambda_keepsItsType(scopes: ScopeFactory) {
        scopes.scoped {
            val task: Task<Int> = async("length") { "value".length }
            val none: Task<String?> = async { null }
            assertThat(task.join() + 1).isEqualTo(6)
            assertThat(none.join()).isNull()
            assertThat(task.name()).isEqualTo("length")
        }
    }

    @Test
    fun async_flags_areItsOptions(scopes: ScopeFactory) {
        scopes.scoped(options = { withTaskDefaults { it.withBubble(false) } }) {
            val plain = async { 1 }
            val all = async("all", awaited = false, bubble = true, master = true, toJoin = false) { 1 }
            assertThat(plain.options().bubble()).isFalse()
            assertThat(plain.options().awaited()).isTrue()
            assertThat(all.options().awaited()).isFalse()
            assertThat(all.options().bubble()).isTrue()
            assertThat(all.options().master()).isTrue()
            assertThat(all.options().toJoin()).isFalse()
        }
    }

    @Test
    fun async_toJoin_keepsTheFailureForTheJoiner(scopes: ScopeFactory) {
        val profile = scopes.scoped("page") {
            val task = async("profile", toJoin = true) { if (done.isEmpty()) error("no profile") else "profile" }
            try {
                task.join()
            } catch (e: IllegalStateException) {
                "anonymous: ${e.message}"
            }
        }
        assertThat(profile).isEqualTo("anonymous: no profile")
    }

    @Test
    fun launch_lambdaWithAValue_isRun(scopes: ScopeFactory) {
        scopes.scoped {
            val task: Task<Unit> = launch("add") { done.add("added") }
            assertThat(task.join()).isEqualTo(Unit)
        }
        assertThat(done).containsExactly("added")
    }

    @Test
    fun launch_background_isCancelledAtTheEnd(scopes: ScopeFactory) {
        val task = scopes.scoped { launch(awaited = false) { CountDownLatch(1).await() } }
        assertThat(task.status()).isEqualTo(Task.Status.CANCELLED)
    }

    @Test
    fun asyncOrNull_open_spawns(scopes: ScopeFactory) {
        scopes.scoped { assertThat(asyncOrNull("task") { 42 }?.join()).isEqualTo(42) }
    }

    @Test
    fun asyncOrNull_ended_isNull(scopes: ScopeFactory) {
        val ended = scopes.scoped { this }
        assertThat(ended.asyncOrNull("late") { 42 }).isNull()
        assertThatExceptionOfType(IllegalStateException::class.java).isThrownBy { ended.async("late") { 42 } }
    }

    @Test
    fun start_namedArguments_waitsUntilReady(scopes: ScopeFactory) {
        scopes.scoped {
            val server = start("server", awaited = false) { ready ->
                ready.ready(8080)
                CountDownLatch(1).await()
            }
            assertThat(server.value() + 1).isEqualTo(8081)
            assertThat(server.task().options().awaited()).isFalse()
            val plain = start<String>("plain") { ready -> ready.ready("up") }
            assertThat(plain.value().length).isEqualTo(2)
        }
    }

    @Test
    fun awaitEnd_kotlinDuration_waits(scopes: ScopeFactory) {
        scopes.scoped {
            val task = async(options = { withCancelTimeout(2.seconds) }) { 1 }
            assertThat(task.awaitEnd(1.minutes)).isTrue()
            assertThat(task.options().cancelTimeout()).isEqualTo(java.time.Duration.ofSeconds(2))
        }
    }
}
