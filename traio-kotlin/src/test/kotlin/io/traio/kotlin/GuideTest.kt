// SPDX-License-Identifier: Apache-2.0
package io.traio.kotlin

import io.traio.ScopeFactory
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AutoClose
import org.junit.jupiter.api.Test

/** The code of docs/guide/kotlin.md: compiled and run here, or in the web application of traio-smoke-test-kotlin. */
class GuideTest {

    data class Route(val from: String, val to: String)

    data class Quote(val supplier: String, val price: Int) {

        companion object {
            val NONE: Quote = Quote("none", 0)
        }
    }

    class Supplier(private val name: String, private val price: Int) {

        fun quote(route: Route): Quote {
            check(price > 0) { "$name does not fly to ${route.to}" }
            return Quote(name, price)
        }
    }

    class Profiles {

        fun find(user: String): String = if (user == "ada") "profile of $user" else error("no profile of $user")
    }

    @AutoClose
    private val scopes: ScopeFactory = ScopeFactory.create()
    private val alpha = Supplier("alpha", 700)
    private val beta = Supplier("beta", 650)
    private val profiles = Profiles()
    private val done = ConcurrentLinkedQueue<String>()
    private val route = Route("PAR", "NRT")

    private fun report() = done.add("reported")

    private fun latestNews() = listOf("news")

    private fun find(id: String) = "found $id"

    private fun fetch(url: String) = "page of $url"

    private fun cheapest(route: Route): Quote = scopes.scoped("quotes", timeout = 800.milliseconds) {
        val a = async("alpha") { alpha.quote(route) }
        val b = async("beta") { beta.quote(route) }
        launch("progress", awaited = false) { report() }
        minOf(a.join(), b.join(), compareBy { it.price })
    }

    private fun best(route: Route): Quote = scopes.scopedOrNull("quotes", timeout = 800.milliseconds) {
        async("alpha") { alpha.quote(route) }.join()
    } ?: Quote.NONE

    private fun profile(user: String): String = scopes.scoped("page") {
        val profile = async("profile", toJoin = true) { profiles.find(user) }
        runCatching { profile.join() }.getOrDefault("anonymous")
    }

    private fun overview(ids: List<String>): List<String> = scopes.scoped("overview") {
        val news = async("news") { latestNews() }
        val details = scoped("details", maxConcurrency = 4) {
            ids.map { id -> async(id) { find(id) } }.map { it.join() }
        }
        details + news.join()
    }

    private fun operators(route: Route, urls: Sequence<String>) {
        val fastest = scopes.operators().race({ alpha.quote(route) }, { beta.quote(route) })
        val hedged = scopes.operators(timeout = 2.seconds).hedge(50.milliseconds, { alpha.quote(route) }, { beta.quote(route) })
        val (first, second) = scopes.operators().all({ alpha.quote(route) }, { beta.quote(route) })
        val pages = scopes.operators().mapAll(urls, 10) { fetch(it) }
        assertThat(listOf(fastest.price, hedged.price)).allMatch { it >= 650 }
        assertThat(first.price - second.price).isEqualTo(50)
        assertThat(pages).containsExactly("page of a", "page of b")
    }

    @Test
    fun examples_run_doWhatTheySay() {
        assertThat(cheapest(route)).isEqualTo(Quote("beta", 650))
        assertThat(best(route)).isEqualTo(Quote("alpha", 700))
        assertThat(profile("ada")).isEqualTo("profile of ada")
        assertThat(profile("bob")).isEqualTo("anonymous")
        assertThat(overview(listOf("1", "2"))).containsExactly("found 1", "found 2", "news")
        operators(route, sequenceOf("a", "b"))
    }

    @Test
    fun guide_everyBlock_isCodeThatIsRun() {
        val tested = listOf(
            "src/test/kotlin/io/traio/kotlin/GuideTest.kt",
            "../traio-smoke-test-kotlin/src/test/kotlin/io/traio/smoke/kotlin/web/TripController.kt",
        ).joinToString("\n") { lines(Files.readString(Path.of(it))) }.replace("private fun ", "fun ")
        val blocks = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
            .findAll(Files.readString(Path.of("../docs/guide/kotlin.md")))
            .map { lines(it.groupValues[1]) }
            .toList()
        assertThat(blocks).hasSize(6).allSatisfy { assertThat(tested).contains(it) }
    }

    private fun lines(code: String) = code.lines().map { it.trim() }.filter { it.isNotEmpty() }.joinToString("\n")
}
