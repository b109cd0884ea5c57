// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.request.WebServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Spring code of the README and of docs/guide/requests.md does what it says. */
@Timeout(120)
class ReadmeSpringSamplesTest {

    private static WebServer server;

    @BeforeAll
    static void start() {
        // A slow machine is to cause no timeout.
        server = WebServer.start(WebServer.Kind.TOMCAT, ReadmeSpringSamples.class, "quotes.timeout=60s");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void trip_spawnsIntoTheRequest() throws Exception {
        assertThat(server.get("/trips/7").body())
                .isEqualTo("{\"flight\":\"7 in http.request\",\"hotel\":\"7 in http.request\"}");
    }

    @Test
    void cheapest_runsInAScopeOfItsOwn() {
        assertThat(server.bean(ReadmeSpringSamples.Quotes.class).cheapest(List.of("beta", "alpha")))
                .isEqualTo("alpha in quotes");
    }
}
