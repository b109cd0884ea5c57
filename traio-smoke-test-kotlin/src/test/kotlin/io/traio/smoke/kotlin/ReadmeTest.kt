// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.kotlin

import io.traio.ScopeFactory
import java.time.Duration.ofMinutes
import java.util.concurrent.CountDownLatch
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test

/** The first example of the README, in Kotlin. */
class ReadmeTest {

    data class Route(val from: String, val to: String)

    data class Quote(val supplier: String, val price: Int)

    class Supplier(private val name: String, private val price: Int) {

        fun quote(route: Route) = Quote("$name ${route.from}-${route.to}", price)
    }

    private val alpha = Supplier("alpha", 700)
    private val beta = Supplier("beta", 650)
    private val reported = CountDownLatch(1)

    private fun report() = reported.countDown()

    private fun cheapest(scopes: ScopeFactory, route: Route): Quote =
        scopes.call("quotes", { it.withTimeout(ofMinutes(1)) }) { scope ->
            val a = scope.spawn("alpha") { alpha.quote(route) }
            val b = scope.spawn("beta") { beta.quote(route) }
            scope.spawn("progress", ::report) { it.withAwaited(false) }
            reported.await()
            minOf(a.join(), b.join(), compareBy { it.price })
        }

    @Test
    fun firstExample_inKotlin_givesTheCheapestQuote() {
        ScopeFactory.create().use { scopes ->
            assertThat(cheapest(scopes, Route("PAR", "NRT"))).isEqualTo(Quote("beta PAR-NRT", 650))
        }
    }
}
