// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.kotlin.web

import io.traio.Scope
import io.traio.ScopeFactory
import io.traio.kotlin.async
import io.traio.kotlin.launch
import io.traio.kotlin.scopedOrNull
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.milliseconds
import org.springframework.web.bind.annotation.GetMapping
import org.springframework.web.bind.annotation.PathVariable
import org.springframework.web.bind.annotation.RestController

/** In the scope of the request, and in one of its own with a timeout. */
@RestController
class TripController(private val request: Scope, private val scopes: ScopeFactory, private val suppliers: Suppliers) {

    @GetMapping("/trips/{to}")
    fun trip(@PathVariable to: String): String {
        val flight = request.async("flight") { suppliers.flight(to) }
        val hotel = request.async("hotel") { suppliers.hotel(to) }
        return "${flight.join()}, ${hotel.join()}"
    }

    @GetMapping("/quotes/{to}")
    fun quote(@PathVariable to: String): String =
        scopes.scopedOrNull("quotes", timeout = 800.milliseconds) {
            launch("progress", awaited = false) { suppliers.report() }
            async("slow") { suppliers.slow(to) }.join()
        } ?: "no quote in time"
}

class Suppliers {

    fun flight(to: String): String = "flight to $to"

    fun hotel(to: String): String = "hotel in $to"

    /** Goes on until it is cancelled. */
    fun report(): Unit = untilCancelled()

    fun slow(to: String): String {
        untilCancelled()
        return "late to $to"
    }

    private fun untilCancelled() = CountDownLatch(1).await()
}
