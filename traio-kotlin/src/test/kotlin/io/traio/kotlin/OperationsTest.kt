// SPDX-License-Identifier: Apache-2.0
package io.traio.kotlin

import io.traio.Scope
import io.traio.ScopeFactory
import io.traio.test.SpawnOrder
import io.traio.test.TestClock
import io.traio.test.junit.ScopesExtension
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatIllegalStateException
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

/** On each result a member of its type is used: were that lost, this would not compile. */
@ExtendWith(ScopesExtension::class)
class OperationsTest {

    private val done = ConcurrentLinkedQueue<String>()

    private fun fetch(): String = "value"

    @Test
    fun race_lambdas_givesTheValue(scopes: ScopeFactory) {
        assertThat(scopes.operators().race({ fetch() }, { fetch() }).length).isEqualTo(5)
    }

    @Test
    fun operators_allArguments_areTheirScopes(scopes: ScopeFactory, clock: TestClock) {
        val operators = scopes.operators("quotes", timeout = 10.seconds, options = { withMaxConcurrency(1) })
        val seen = operators.race({ "${currentScope?.name()} ${currentScope?.timeLeft}" })
        assertThat(seen).isEqualTo("quotes 10s")
        assertThat(clock.pendingAlarms()).isZero()
    }

    @Test
    fun operators_ofAScope_openItsChildren(scopes: ScopeFactory) {
        scopes.scoped("outer") {
            val parent: Scope? = operators().race({ currentScope?.parentOrNull })
            assertThat(parent).isSameAs(this)
        }
    }

    @Test
    fun all_twoTasks_giveAPair(scopes: ScopeFactory) {
        val (text, number) = scopes.operators().all({ fetch() }, { 42 })
        assertThat(text.length + number).isEqualTo(47)
        val combined = scopes.operators().all({ fetch() }, { 42 }) { a, b -> a.length + b }
        assertThat(combined).isEqualTo(47)
    }

    @Test
    fun all_threeTasks_giveATriple(scopes: ScopeFactory) {
        val (text, number, long) = scopes.operators().all({ fetch() }, { 42 }, { 1L })
        assertThat(text.length + number + long).isEqualTo(48L)
        val combined = scopes.operators().all({ fetch() }, { 42 }, { 1L }) { a, b, c -> a.length + b + c }
        assertThat(combined).isEqualTo(48L)
    }

    @Test
    fun all_failure_isThrown(scopes: ScopeFactory) {
        assertThatIllegalStateException()
            .isThrownBy { scopes.operators().all({ fetch() }, { error("failed") }) }
            .withMessage("failed")
    }

    @Test
    fun hedge_kotlinDuration_givesTheValue(scopes: ScopeFactory) {
        assertThat(scopes.operators().hedge(1.hours, { fetch() }, { "late" }).length).isEqualTo(5)
    }

    @Test
    fun mapAll_sequence_keepsTheOrderAndIsPulled() {
        SpawnOrder.factory().use { scopes ->
            val items = generateSequence(1) { done += "pulled $it"; it + 1 }.take(2)
            val squares = scopes.operators().mapAll(items, 1) { done += "mapped $it"; it * it }
            assertThat(squares.sum()).isEqualTo(5)
            assertThat(done).containsExactly("mapped 1", "pulled 1", "mapped 2")
        }
    }

    @Test
    fun forEach_sequence_isRun(scopes: ScopeFactory) {
        scopes.operators().forEach(sequenceOf("a", "b"), 2) { done.add(it) }
        scopes.operators().forEach(listOf("c"), 2) { done.add(it) }
        assertThat(done).containsExactlyInAnyOrder("a", "b", "c")
    }

    @Test
    fun onDiscard_ofAType_getsTheLosers(scopes: ScopeFactory) {
        assertThatIllegalStateException().isThrownBy {
            scopes.operators().onDiscard<String> { done += "discarded $it" }.all({ fetch() }, {
                while (done.isEmpty() && currentScope?.snapshot()?.tasks()?.size != 1) Thread.onSpinWait()
                error("failed")
            })
        }
        assertThat(done).containsExactly("discarded value")
    }
}
