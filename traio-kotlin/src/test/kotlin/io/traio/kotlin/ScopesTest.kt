// SPDX-License-Identifier: Apache-2.0
package io.traio.kotlin

import io.traio.Scope
import io.traio.ScopeCancelledException
import io.traio.ScopeFactory
import io.traio.ScopeFailedException
import io.traio.ScopeTimeoutException
import io.traio.test.TestClock
import io.traio.test.junit.ScopesExtension
import java.io.IOException
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatExceptionOfType
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.extension.ExtendWith

@ExtendWith(ScopesExtension::class)
class ScopesTest {

    /** Takes too long, by the clock of the test. */
    private fun Scope.late(clock: TestClock): String {
        val never = async("never") { CountDownLatch(1).await() }
        clock.advance(java.time.Duration.ofMinutes(1))
        never.join()
        return "late"
    }

    @Test
    fun scoped_bodyWithTasks_givesItsValue(scopes: ScopeFactory) {
        val sum = scopes.scoped("quotes", timeout = 1.minutes) {
            val a = async("alpha") { 1 }
            val b = async("beta") { 2 }
            launch("progress", awaited = false) { CountDownLatch(1).await() }
            a.join() + b.join()
        }
        assertThat(sum).isEqualTo(3)
    }

    @Test
    fun scoped_withoutArguments_hasTheDefaults(scopes: ScopeFactory) {
        scopes.scoped {
            assertThat(name()).isEqualTo("scope")
            assertThat(timeLeft).isNull()
            assertThat(parentOrNull).isNull()
            assertThat(this).isSameAs(currentScope)
        }
    }

    @Test
    fun scoped_allArguments_areItsOptions(scopes: ScopeFactory, clock: TestClock) {
        val running = CountDownLatch(1)
        scopes.scoped("quotes", timeout = 10.seconds, maxConcurrency = 1, options = { withCancelTimeout(7.seconds) }) {
            clock.advance(java.time.Duration.ofSeconds(4))
            assertThat(timeLeft).isEqualTo(6.seconds)
            val first = async("first", options = { withAbandonOnCancel(true) }) { running.await() }
            val second = async("second") { "second" }
            assertThat(second.awaitEnd(0.seconds)).isFalse()
            assertThat(first.options().abandonOnCancel()).isTrue()
            assertThat(snapshot().tasks().map { it.name() }).containsExactly("first", "second")
            running.countDown()
        }
    }

    @Test
    fun scoped_ofAScope_isItsChild(scopes: ScopeFactory) {
        scopes.scoped("outer") {
            val outer = this
            val child = async { outer.scoped("inner") { parentOrNull } }
            assertThat(child.join()).isSameAs(outer)
            assertThat(scopedOrNull("inner") { parentOrNull }).isSameAs(outer)
        }
    }

    @Test
    fun scoped_timeout_throws(scopes: ScopeFactory, clock: TestClock) {
        assertThatExceptionOfType(ScopeTimeoutException::class.java)
            .isThrownBy { scopes.scoped("quotes", timeout = 800.milliseconds) { late(clock) } }
    }

    @Test
    fun scoped_cancelledByItself_throws(scopes: ScopeFactory) {
        assertThatExceptionOfType(ScopeCancelledException::class.java)
            .isThrownBy { scopes.scoped("quotes") { cancel("enough"); Scope.checkCancelled() } }
            .withMessageContaining("enough")
    }

    @Test
    fun scoped_checkedFailure_isTheCause(scopes: ScopeFactory) {
        val failure = IOException("unreachable")
        assertThatExceptionOfType(ScopeFailedException::class.java)
            .isThrownBy { scopes.scoped("quotes") { launch("alpha") { throw failure } } }
            .withCause(failure)
    }

    @Test
    fun scopedOrNull_inTime_givesTheValue(scopes: ScopeFactory) {
        val value: String? = scopes.scopedOrNull("quotes", timeout = 1.minutes) { async { "value" }.join() }
        assertThat(value).isEqualTo("value")
    }

    @Test
    fun scopedOrNull_timeoutOrCancel_givesNull(scopes: ScopeFactory, clock: TestClock) {
        assertThat(scopes.scopedOrNull("quotes", timeout = 800.milliseconds) { late(clock) } ?: "none").isEqualTo("none")
        assertThat(scopes.scopedOrNull("quotes") { cancel(); Scope.checkCancelled() }).isNull()
    }

    @Test
    fun currentScopeAndTask_outside_areNull() {
        assertThat(currentScope).isNull()
        assertThat(currentTask).isNull()
    }

    @Test
    fun currentTask_inATask_isThat(scopes: ScopeFactory) {
        scopes.scoped {
            assertThat(async("alpha") { currentTask?.name() }.join()).isEqualTo("alpha")
            assertThat(async { currentScope }.join()).isSameAs(this)
        }
    }

    @Test
    fun kotlinDurations_areTakenEverywhere(scopes: ScopeFactory, clock: TestClock) {
        val shared = scopes.openShared("connections") { it.withTimeout(1.minutes) }
        assertThat(shared.timeLeft).isEqualTo(1.minutes)
        shared.setTimeout(2.seconds)
        assertThat(shared.timeLeft).isEqualTo(2.seconds)
        assertThat(shared.awaitDone(0.seconds)).isFalse()
        assertThat(scopes.findOrNull(shared.id())).isSameAs(shared)
        assertThat(scopes.drain(0.seconds)).isFalse()
        clock.advance(java.time.Duration.ofSeconds(2))
        assertThatExceptionOfType(ScopeTimeoutException::class.java).isThrownBy { shared.awaitDone(1.minutes) }
        assertThat(scopes.findOrNull(shared.id())).isNull()
    }
}
