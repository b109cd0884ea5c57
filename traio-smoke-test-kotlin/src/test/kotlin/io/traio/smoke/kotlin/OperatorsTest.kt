// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.kotlin

import io.traio.Operators
import io.traio.Operators.on
import io.traio.ScopeFactory
import io.traio.ScopePolicy
import io.traio.Task
import java.time.Duration.ofMinutes
import java.util.concurrent.Callable
import java.util.concurrent.ConcurrentLinkedQueue
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.Test

/** Each operator as Kotlin writes it. On each result a member of its type is used: were that lost, this would not compile. */
class OperatorsTest {

    private data class Trip(val flight: String, val price: Int)

    @AutoClose
    private val scopes: ScopeFactory = ScopeFactory.create()

    private fun fetch(): String = "value"

    @Test
    fun race_lambdas_givesTheValue() {
        val lambdas = on(scopes).race({ fetch() }, { fetch() })
        val references = on(scopes).race(::fetch, ::fetch)
        val list = on(scopes).race(listOf(Callable { fetch() }, Callable { fetch() }))
        assertThat(lambdas.length + references.length + list.length).isEqualTo(3 * "value".length)
    }

    @Test
    fun race_trailingLambda_givesTheValue() {
        val one = on(scopes).race({ fetch() })
        assertThat(one.length).isEqualTo("value".length)
    }

    @Test
    fun race_onCurrent_isAChildOfTheCurrentScope() = scopes.run("outer") { outer ->
        val parent = Operators.onCurrent().race({ io.traio.Scope.requireCurrent().parent().get() })
        assertThat(parent).isSameAs(outer)
    }

    @Test
    fun race_nullValue_givesNull() {
        val none: String? = on(scopes).race<String?>({ null })
        assertThat(none).isNull()
    }

    @Test
    fun hedge_lambdas_givesTheValue() {
        val fixed = on(scopes).hedge(ofMinutes(1), { fetch() }, { "late" })
        val moved = on(scopes).hedge({ n -> ofMinutes(n.toLong()) }, listOf(Callable { fetch() }, Callable { "late" }))
        assertThat(fixed.length + moved.length).isEqualTo(2 * "value".length)
    }

    @Test
    fun firstCompleted_lambdas_givesTheValue() {
        assertThat(on(scopes).firstCompleted({ fetch() }, { fetch() }).length).isEqualTo("value".length)
    }

    @Test
    fun all_lambdas_keepTheirTypes() {
        val trailing = on(scopes).all({ fetch() }, { 42 }) { text, number -> text.length + number }
        val constructor = on(scopes).all({ fetch() }, { 42 }, ::Trip)
        val three = on(scopes).all({ fetch() }, { 42 }, { 1L }) { text, number, long -> text.length + number + long }
        val list = on(scopes).all(listOf(Callable { fetch() }, Callable { fetch() }))
        assertThat(trailing).isEqualTo(47)
        assertThat(constructor.flight).isEqualTo("value")
        assertThat(three).isEqualTo(48L)
        assertThat(list.map { it.length }).containsExactly(5, 5)
    }

    @Test
    fun mapAll_sources_keepTheOrder() {
        val ofList = on(scopes).mapAll(listOf("a", "bb"), 2) { it.length }
        val ofSequence = on(scopes).mapAll(sequenceOf("a", "bb").iterator(), 2) { it.length }
        val ofRange = on(scopes).mapAll(1..3, 2) { it * it }
        assertThat(ofList.map { it + 1 }).containsExactly(2, 3)
        assertThat(ofSequence).containsExactly(1, 2)
        assertThat(ofRange.sum()).isEqualTo(14)
    }

    @Test
    fun forEach_lambdaWithOrWithoutValue_isRun() {
        val used = ConcurrentLinkedQueue<String>()
        on(scopes).forEach(listOf("a", "b"), 2) { used += it }
        on(scopes).forEach(listOf("c"), 2) { used.add(it) }
        on(scopes).forEach(listOf("d"), 2, used::add)
        assertThat(used).containsExactlyInAnyOrder("a", "b", "c", "d")
    }

    @Test
    fun onDiscard_andOptions_areGivenInLine() {
        val operators = on(scopes)
            .withName("quotes")
            .withOptions { it.withTimeout(ofMinutes(1)) }
            .onDiscard(AutoCloseable::class.java) { it.close() }
        assertThat(operators.race({ fetch() }).length).isEqualTo("value".length)
    }

    @Test
    fun policy_standardAndLambda_decide() {
        val failed = scopes.call("await", { it.withPolicy(ScopePolicy.awaitAll()) }) { scope ->
            scope.spawn("fails") { check(scope.isCancelled) { "failed" } }
        }
        val first = scopes.call("until", { s ->
            s.withPolicy(ScopePolicy.allUntil { it.status() == Task.Status.SUCCEEDED })
        }) { scope -> scope.spawn("succeeds") { fetch() } }
        assertThat(failed.status()).isEqualTo(Task.Status.FAILED)
        assertThat(first.join().length).isEqualTo("value".length)
    }
}
