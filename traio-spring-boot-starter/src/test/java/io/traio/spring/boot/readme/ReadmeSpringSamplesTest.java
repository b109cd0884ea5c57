// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.readme;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.request.WebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Spring code of the README compiles, does what it says, and stands there as it is tested here. */
@Timeout(120)
class ReadmeSpringSamplesTest {

    private static final Pattern SPRING_BLOCK = Pattern.compile("```java\\n(@.*?)```", Pattern.DOTALL);
    private static final Path SAMPLES = Path.of("src/test/java/io/traio/spring/boot/readme/ReadmeSpringSamples.java");

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
    void readme_samplesAreThoseThatAreTested() throws IOException {
        String tested = lines(Files.readString(SAMPLES));
        Matcher blocks = SPRING_BLOCK.matcher(Files.readString(Path.of("../README.md")));
        int count = 0;
        while (blocks.find()) {
            count++;
            assertThat(tested).contains(lines(blocks.group(1)));
        }
        assertThat(count).isEqualTo(2);
    }

    private static String lines(String code) {
        return code.lines().map(String::strip).filter(l -> !l.isEmpty()).collect(Collectors.joining("\n"));
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
