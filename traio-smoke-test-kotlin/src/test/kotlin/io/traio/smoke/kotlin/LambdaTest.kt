// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.kotlin

import io.traio.Action
import io.traio.Limiter
import io.traio.Scope
import io.traio.ScopeFactory
import io.traio.Started
import io.traio.Task
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.atomic.AtomicInteger
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.Test

/**
 * What becomes of a Kotlin lambda. To Kotlin a lambda with a value also fits a method that wants none, so an overload for
 * work without a result could take it and lose the value. Here each call has the type that Kotlin infers for it, on which
 * a member of that type is used: were the value lost, this file would not compile.
 */
class LambdaTest {

    @AutoClose
    private val scopes: ScopeFactory = ScopeFactory.create()
    private val count = AtomicInteger()

    private fun fetch(): String = "value"

    private fun report() {
        count.incrementAndGet()
    }

    private fun inScope(body: (Scope) -> Unit) = scopes.run("lambdas") { body(it) }

    @Test
    fun spawn_lambdaWithValue_givesTheValue() = inScope { scope ->
        val trailing = scope.spawn("trailing") { fetch() }
        val inParentheses = scope.spawn("in parentheses", { fetch() })
        val reference = scope.spawn("reference", ::fetch)
        val labelled = scope.spawn("labelled") { if (count.get() == 0) return@spawn fetch() else "other" }
        val derivedName = scope.spawn { fetch() }
        assertThat(listOf(trailing, inParentheses, reference, labelled, derivedName).map { it.join().length })
            .containsOnly("value".length)
    }

    @Test
    fun spawn_lambdaWithValueAndOptions_givesTheValue() = inScope { scope ->
        val trailing = scope.spawn("trailing", { fetch() }) { it.withBubble(false) }
        val inParentheses = scope.spawn("in parentheses", { fetch() }, { it.withBubble(false) })
        val reference = scope.spawn("reference", ::fetch) { it.withBubble(false) }
        val tasks = listOf(trailing, inParentheses, reference)
        assertThat(tasks.map { it.join().length }).containsOnly("value".length)
        assertThat(tasks.map { it.options().bubble() }).containsOnly(false)
    }

    @Test
    fun spawn_lambdaInLambda_givesTheValues() = inScope { scope ->
        val tasks = (1..3).map { n -> scope.spawn("task-$n") { n * n } }
        assertThat(tasks.sumOf { it.join() }).isEqualTo(14)
    }

    @Test
    fun spawn_lambdaWithNull_givesNull() = inScope { scope ->
        val task: Task<String?> = scope.spawn("null") { fetch().takeIf { it.isEmpty() } }
        assertThat(task.join()).isNull()
    }

    @Test
    fun spawn_lambdaWithoutValue_givesUnit() = inScope { scope ->
        val trailing: Task<Unit> = scope.spawn("trailing") { report() }
        val reference: Task<Unit> = scope.spawn("reference", ::report)
        val withOptions: Task<Unit> = scope.spawn("with options", { report() }) { it.withBubble(false) }
        assertThat(listOf(trailing, reference, withOptions).map { it.join() }).containsOnly(Unit)
        assertThat(count).hasValue(3)
    }

    @Test
    fun spawn_explicitTypes_choosesByType() = inScope { scope ->
        val callable: Task<String> = scope.spawn("callable", Callable { fetch() })
        val action: Task<Void?> = scope.spawn("action", Action { report() })
        assertThat(callable.join()).isEqualTo("value")
        assertThat(action.join()).isNull()
        assertThat(count).hasValue(1)
    }

    @Test
    fun trySpawn_lambdaWithValue_givesTheValue() = inScope { scope ->
        val trailing = scope.trySpawn("trailing", { fetch() }) { it.withBubble(false) }
        val inParentheses = scope.trySpawn("in parentheses", { fetch() }, { it.withBubble(false) })
        val reference = scope.trySpawn("reference", ::fetch) { it.withBubble(false) }
        val withoutOptions = scope.trySpawn("without options") { fetch() }
        assertThat(listOf(trailing, inParentheses, reference, withoutOptions).map { it.get().join().length })
            .containsOnly("value".length)
    }

    @Test
    fun await_lambdaInEachForm_givesTheValue() = inScope { scope ->
        val trailing = scope.await("trailing") { fetch() }
        val derivedName = scope.await { fetch() }
        val withOptions = scope.await("with options", { fetch() }) { it.withCancelTimeout(Duration.ofSeconds(1)) }
        assertThat(listOf(trailing, derivedName, withOptions).map { it.length }).containsOnly("value".length)
    }

    @Test
    fun spawn_lambdaWithoutNameAndOptions_givesTheValue() = inScope { scope ->
        val trailing = scope.spawn({ fetch() }) { it.withBubble(false) }
        assertThat(trailing.join().length).isEqualTo("value".length)
        assertThat(trailing.options().bubble()).isFalse()
    }

    @Test
    fun spawnToJoin_lambdaWithValue_givesTheValue() = inScope { scope ->
        val trailing = scope.spawnToJoin("trailing") { fetch() }
        val inParentheses = scope.spawnToJoin("in parentheses", { fetch() })
        val withOptions = scope.spawnToJoin("with options", { fetch() }) { it.withAwaited(false) }
        assertThat(listOf(trailing, inParentheses, withOptions).map { it.join().length }).containsOnly("value".length)
    }

    @Test
    fun start_lambda_givesWhatItSaid() = inScope { scope ->
        val trailing = scope.start<String>("trailing") { ready -> ready.ready(fetch()) }
        val inferred: Started<String> = scope.start("inferred") { it.ready(fetch()) }
        val withOptions = scope.start<String>("with options", { it.ready(fetch()) }) { it.withBubble(false) }
        assertThat(listOf(trailing, inferred, withOptions).map { it.value().length }).containsOnly("value".length)
        assertThat(withOptions.task().options().bubble()).isFalse()
    }

    @Test
    fun call_shielded_givesTheValue() = inScope { scope ->
        scope.cancel()
        val kept = scopes.call("shield", { it.withShielded(true).withTimeout(Duration.ofSeconds(10)) }) { it.await { fetch() } }
        assertThat(kept.length).isEqualTo("value".length)
    }

    @Test
    fun use_lambdas_giveTheResource() {
        val released = mutableListOf<String>()
        scopes.run("resources") { scope ->
            val handle = scope.use({ fetch() }) { released.add(it) }
            val closeable = scope.use(AutoCloseable { released.add("closeable") })
            closeable.javaClass
            scope.defer { released.add("deferred") }
            assertThat(handle.length).isEqualTo("value".length)
        }
        assertThat(released).containsExactly("deferred", "closeable", "value")
    }

    /** The member `use` does not hide what Kotlin's library offers for each `AutoCloseable`. */
    @Test
    fun use_ofKotlinsLibrary_joinsAndCloses() {
        val length = scopes.open("open").use { scope ->
            val task = scope.spawn("task") { fetch() }
            scope.join()
            task.join().length
        }
        assertThat(length).isEqualTo("value".length)
    }

    @Test
    fun options_limiterAndTaskDefaults_areTaken() {
        val limiter = Limiter.of("limiter", 1)
        scopes.run("run", { it.withLimiter(limiter).withTaskDefaults { t -> t.withBubble(false) } }) { scope ->
            val task = scope.spawn("task") { fetch() }
            assertThat(task.join().length).isEqualTo("value".length)
            assertThat(task.options().bubble()).isFalse()
        }
        assertThat(limiter.granted()).isEqualTo(1)
    }

    @Test
    fun await_lambdaWithValue_givesTheValue() = inScope { scope ->
        val trailing = scope.await("trailing") { fetch() }
        val inParentheses = scope.await("in parentheses", { fetch() })
        val derivedName = scope.await { fetch() }
        assertThat(trailing.length + inParentheses.length + derivedName.length).isEqualTo(3 * "value".length)
    }

    @Test
    fun call_lambdaWithValue_givesTheValue() {
        val trailing = scopes.call("trailing") { fetch() }
        val inParentheses = scopes.call("in parentheses", { fetch() })
        val withOptions = scopes.call("with options", { it.withMaxConcurrency(1) }) { fetch() }
        val defaultName = scopes.call { fetch() }
        assertThat(listOf(trailing, inParentheses, withOptions, defaultName).map { it.length })
            .containsOnly("value".length)
    }
}
