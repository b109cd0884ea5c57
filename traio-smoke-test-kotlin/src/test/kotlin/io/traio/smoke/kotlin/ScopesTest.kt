// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.kotlin

import io.traio.Scope
import io.traio.ScopeFactory
import io.traio.ScopeFailedException
import io.traio.ScopeTimeoutException
import io.traio.Task
import io.traio.test.TestClock
import java.io.IOException
import java.time.Duration.ofMinutes
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CountDownLatch
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.Test

/** Each way to open a scope, to find it and to see its failure, as Kotlin writes it. */
class ScopesTest {

    @AutoClose
    private val scopes: ScopeFactory = ScopeFactory.create()
    private val done = ConcurrentLinkedQueue<String>()

    @Test
    fun run_withBody_joinsItsTasks() {
        scopes.run("import") { scope ->
            for (file in listOf("a", "b")) {
                scope.spawn(file) { done += file }
            }
        }
        assertThat(done).containsExactlyInAnyOrder("a", "b")
    }

    @Test
    fun run_withOptions_hasThem() {
        scopes.run("limited", { it.withTimeout(ofMinutes(1)) }) { scope ->
            assertThat(scope.remaining()).isPresent()
        }
    }

    @Test
    fun onCancel_codeCancelled_callsTheLambda() {
        val called = CountDownLatch(2)
        scopes.run("cancelled") { scope ->
            scope.cancel()
            Scope.onCancel(ofMinutes(1)) { called.countDown() }.use {
                Scope.onCancel { called.countDown() }.use {
                    called.await()
                }
            }
        }
        assertThat(called.count).isZero()
    }

    @Test
    fun open_used_joinsAndCloses() {
        scopes.open("mirror").use { scope ->
            scope.spawn("europe") { done += "europe" }
            scope.spawn("asia") { done += "asia" }
            scope.join()
        }
        assertThat(done).containsExactlyInAnyOrder("europe", "asia")
    }

    @Test
    fun openShared_completed_endsWithItsTasks() {
        val connections = scopes.openShared("connections") { it.withMaxConcurrency(2) }
        val client = connections.spawn("client-1") { 1 }
        connections.complete()
        connections.awaitDone()
        assertThat(client.join()).isEqualTo(1)
    }

    @Test
    fun fork_ofTheCurrentScope_opensItsChild() {
        scopes.run("request") {
            val here = Scope.requireCurrent()
            val parent = here.fork().call("details", { it.withMaxConcurrency(4) }) { details ->
                details.parent().orElse(null)
            }
            assertThat(parent).isSameAs(here)
        }
    }

    @Test
    fun requireCurrent_outside_throws() {
        assertThatExceptionOfType(IllegalStateException::class.java).isThrownBy { Scope.requireCurrent() }
    }

    @Test
    fun snapshot_whileATaskRuns_showsIt() {
        val running = CountDownLatch(1)
        val release = CountDownLatch(1)
        scopes.run("snapshot") { scope ->
            scope.spawn("slow") {
                running.countDown()
                release.await()
            }
            running.await()
            assertThat(scope.snapshot().tasks().map { it.name() }).containsExactly("slow")
            release.countDown()
        }
    }

    @Test
    fun setTimeout_passed_throwsFromTheScope() {
        val clock = TestClock()
        ScopeFactory.create { it.withTimeSource(clock) }.use { timed ->
            val scope = timed.openShared("late")
            scope.spawn("forever") { CountDownLatch(1).await() }
            scope.setTimeout(ofMinutes(1))
            clock.advance(ofMinutes(1))
            assertThatExceptionOfType(ScopeTimeoutException::class.java).isThrownBy { scope.awaitDone() }
        }
    }

    @Test
    fun spawn_taskThatThrows_failsTheScope() {
        val failure = IOException("unreachable")
        assertThatExceptionOfType(ScopeFailedException::class.java)
            .isThrownBy { scopes.run("failing") { scope -> scope.spawn("task") { throw failure } } }
            .withCause(failure)
    }

    @Test
    fun spawnToJoin_taskThatThrows_failsTheJoinAlone() {
        val failure = IllegalStateException("no profile")
        val profile = scopes.call("profile") { scope ->
            val task = scope.spawnToJoin("profile") { if (done.isEmpty()) throw failure else "profile" }
            try {
                task.join()
            } catch (e: IllegalStateException) {
                assertThat(e).isSameAs(failure)
                "anonymous"
            }
        }
        assertThat(profile).isEqualTo("anonymous")
    }

    @Test
    fun tryCall_lambdaWithValue_givesTheValue() {
        val result = scopes.tryCall("fetch", { it.withTimeout(ofMinutes(1)) }) { "value" }
        assertThat(result.isPresent).isTrue()
        assertThat(result.orElse("other").length).isEqualTo("value".length)
        assertThat(scopes.tryRun("run", { it }) { scope -> scope.spawn("task") { done += "task" } }.isPresent).isTrue()
        assertThat(done).containsExactly("task")
    }

    @Test
    fun cancel_withAReason_saysWhy() {
        val result = scopes.tryCall("fetch", { it }) { scope ->
            scope.cancel("client went away")
            Scope.checkCancelled()
            "value"
        }
        assertThat(result.orElse("other")).isEqualTo("other")
        assertThat(result.message()).contains("client went away")
    }

    @Test
    fun awaitEnd_taskThatThrows_leavesTheFailureToItsJoiner() = scopes.run("run") { scope ->
        val task = scope.spawnToJoin("task") { check(Task.current().isEmpty) { "failed" } }
        task.awaitEnd()
        assertThat(task.awaitEnd(ofMinutes(1))).isTrue()
        assertThatExceptionOfType(IllegalStateException::class.java).isThrownBy { task.join() }
    }

    @Test
    fun await_taskThatThrows_failsTheAwaitAlone() {
        val profile = scopes.call("profile") { scope ->
            runCatching { scope.await("profile") { done.remove() } }.getOrDefault("anonymous")
        }
        assertThat(profile).isEqualTo("anonymous")
    }

    @Test
    fun trySpawn_endedScope_givesNothing() {
        val scope = scopes.openShared("ended")
        scope.close()
        assertThat(scope.trySpawn("late", { done += "late" }) { it.withMaster(true) }).isEmpty()
        assertThat(done).isEmpty()
    }
}
