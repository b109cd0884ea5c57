// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.kotlin

import io.traio.Operators
import io.traio.ScopeFactory
import java.time.Duration.ofMillis
import java.util.concurrent.ConcurrentLinkedQueue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeoutOrNull
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

/** The code of docs/migration/coroutines.md: both sides give the same results. */
@Timeout(60)
class CoroutinesMigrationTest {

    data class Page(val user: String, val orders: Int)

    private val scopes = ScopeFactory.create()

    @AfterEach
    fun close() = scopes.close()

    private fun findUser() = "ada"

    private fun countOrders() = 3

    private suspend fun pageByCoroutines(): Page =
        coroutineScope {
            val user = async { findUser() }
            val orders = async { countOrders() }
            Page(user.await(), orders.await())
        }

    private fun page(): Page =
        scopes.call("page") { scope ->
            val user = scope.spawn("user") { findUser() }
            val orders = scope.spawn("orders") { countOrders() }
            Page(user.join(), orders.join())
        }

    private suspend fun allByCoroutines(ids: List<Int>): List<Int> = coroutineScope {
        ids.map { id -> async(Dispatchers.IO) { id * 2 } }.awaitAll()
    }

    private fun all(ids: List<Int>): List<Int> =
        Operators.on(scopes).mapAll(ids, 10) { id -> id * 2 }

    private suspend fun userOrAnonymousByCoroutines(): String = supervisorScope {
        val user = async { down() }
        try {
            user.await()
        } catch (e: IllegalStateException) {
            "anonymous"
        }
    }

    private fun userOrAnonymous(): String =
        scopes.call("page") { scope ->
            val user = scope.spawnToJoin("user") { down() }
            try {
                user.join()
            } catch (e: IllegalStateException) {
                "anonymous"
            }
        }

    private fun down(): String = throw IllegalStateException("down")

    private suspend fun priceByCoroutines(): String =
        withTimeoutOrNull(50) {
            delay(10_000)
            "price"
        } ?: "no price"

    private fun price(): String =
        scopes.tryCall("price", { it.withTimeout(ofMillis(50)) }) {
            Thread.sleep(10_000)
            "price"
        }.orElse("no price")

    private val seen = ConcurrentLinkedQueue<String>()

    private fun CoroutineScope.startByCoroutines() = launch(Dispatchers.IO) { seen.add("launched") }

    private fun start() = scopes.run("start") { scope -> scope.spawn("launch") { seen.add("launched") } }

    @Test
    fun bothSides_giveTheSame() = runBlocking {
        assertThat(page()).isEqualTo(pageByCoroutines()).isEqualTo(Page("ada", 3))
        assertThat(all(listOf(1, 2))).isEqualTo(allByCoroutines(listOf(1, 2))).containsExactly(2, 4)
        assertThat(userOrAnonymous()).isEqualTo(userOrAnonymousByCoroutines()).isEqualTo("anonymous")
        assertThat(price()).isEqualTo(priceByCoroutines()).isEqualTo("no price")
        startByCoroutines().join()
        start()
        assertThat(seen).containsExactly("launched", "launched")
        Unit
    }
}
