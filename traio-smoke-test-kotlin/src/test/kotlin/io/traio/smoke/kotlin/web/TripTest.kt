// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.kotlin.web

import io.traio.test.junit.ScopesExtension
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.extension.ExtendWith
import org.springframework.beans.factory.annotation.Autowired
import org.springframework.boot.SpringBootConfiguration
import org.springframework.boot.autoconfigure.EnableAutoConfiguration
import org.springframework.boot.resttestclient.autoconfigure.AutoConfigureRestTestClient
import org.springframework.boot.test.context.SpringBootTest
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment.RANDOM_PORT
import org.springframework.context.annotation.Bean
import org.springframework.context.annotation.Import
import org.springframework.test.web.servlet.client.RestTestClient

/** A web application in Kotlin. */
@SpringBootTest(webEnvironment = RANDOM_PORT)
@AutoConfigureRestTestClient
@ExtendWith(ScopesExtension::class)
@Timeout(60)
class TripTest {

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(TripController::class)
    class App {

        @Bean
        fun suppliers(): Suppliers = Suppliers()
    }

    @Autowired
    private lateinit var client: RestTestClient

    private fun get(path: String): String? =
        client.get().uri(path).exchange().expectStatus().isOk.expectBody(String::class.java).returnResult().responseBody

    @Test
    fun tasks_ofTheRequest_areJoined() {
        assertThat(get("/trips/NRT")).isEqualTo("flight to NRT, hotel in NRT")
    }

    /** Had the tasks not been cancelled, the extension would find them. */
    @Test
    fun timeout_ofAScope_givesTheDefaultAndCancels() {
        assertThat(get("/quotes/NRT")).isEqualTo("no quote in time")
    }
}
