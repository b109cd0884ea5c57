// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Three processes: A calls B, which calls C, with the deadline of A. */
@Timeout(180)
class ChainTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int DEADLINE_MILLIS = 300;
    private static final int WARM_UP_MILLIS = 3_000;
    private static final int ROUNDS = 4;

    /** C first: each needs the address of the next. */
    private static final List<Node> NODES = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        for (String name : List.of("C", "B", "A")) {
            NODES.add(Node.start(name, NODES.isEmpty() ? null : NODES.get(NODES.size() - 1), directory));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (Node node : NODES) {
            node.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deadline_ofTheFirst_stopsTheWorkOfAll(boolean grpc) {
        // Loads classes: C might not be reached within the deadline.
        begin(grpc, WARM_UP_MILLIS);
        for (int round = 1; round <= ROUNDS; round++) {
            System.out.println((grpc ? "gRPC" : "HTTP") + ": stopped after the deadline of A, in ms:"
                    + begin(grpc, DEADLINE_MILLIS));
        }
    }

    /** Returns how long after the deadline of A the work of each node was stopped. */
    private static String begin(boolean grpc, int millis) {
        String answer = NODES.get(NODES.size() - 1).get("/begin?millis=" + millis + "&grpc=" + grpc);
        assertThat(answer).as("end of the time of A").containsOnlyDigits();
        StringBuilder late = new StringBuilder();
        for (Node node : NODES) {
            String stopped = await("work of " + node.name)
                    .atMost(PATIENCE)
                    .until(() -> node.get("/stopped"), text -> !text.isEmpty());
            late.append(' ').append(node.name).append(' ').append(Long.parseLong(stopped) - Long.parseLong(answer));
        }
        for (Node node : NODES) {
            await("scopes of " + node.name)
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(node.scopes()).isEmpty());
        }
        return late.toString();
    }

    private record Node(String name, Process process, String grpc, String http, RestClient client) {

        static Node start(String name, Node next, Path directory) throws IOException {
            Path log = directory.resolve(name);
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx192m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ChainNode.class.getName(),
                    "--server.port=0",
                    "--spring.grpc.server.port=0",
                    "--spring.main.banner-mode=off",
                    "--logging.level.root=warn",
                    "--traio.deadline.enabled=true",
                    "--spring.http.clients.imperative.factory=jdk",
                    "--management.endpoints.web.exposure.include=scopes"));
            if (next != null) {
                command.add("--next.grpc=" + next.grpc);
                command.add("--next.http=" + next.http);
            }
            Process process =
                    new ProcessBuilder(command).redirectError(log.toFile()).start();
            String ports = readPorts(process, log);
            String[] parts = ports.split(" ");
            String http = "http://localhost:" + parts[1];
            return new Node(name, process, "localhost:" + parts[0], http, RestClient.create(http));
        }

        private static String readPorts(Process process, Path log) throws IOException {
            BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()));
            StringBuilder printed = new StringBuilder();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(ChainNode.READY)) {
                    return line.substring(ChainNode.READY.length());
                }
                printed.append(line).append('\n');
            }
            throw new IllegalStateException("not started:\n" + printed + Files.readString(log));
        }

        String get(String path) {
            String answer = client.get().uri(path).retrieve().body(String.class);
            return answer != null ? answer : "";
        }

        /** Returns the names of the live scopes. */
        List<String> scopes() {
            JsonNode scopes =
                    JsonMapper.shared().readTree(get("/actuator/scopes")).path("scopes");
            return scopes.valueStream()
                    .map(scope -> scope.path("name").asString())
                    .toList();
        }

        void stop() throws InterruptedException {
            try {
                process.getOutputStream().close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
