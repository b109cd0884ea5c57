// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Prometheus, as Debian's package {@code prometheus} has it, that scrapes one application every second. */
final class Prometheus implements AutoCloseable {

    private static final Path FOLDER = Path.of(System.getProperty("traio.test.prometheus", "/usr/bin"));

    private final HttpServer application;
    private final Process process;
    private final Path folder;
    private final URI address;

    private Prometheus(HttpServer application, Process process, Path folder, URI address) {
        this.application = application;
        this.process = process;
        this.folder = folder;
        this.address = address;
    }

    static boolean isInstalled() {
        return FOLDER.resolve("prometheus").toFile().canExecute()
                && FOLDER.resolve("promtool").toFile().canExecute();
    }

    /** Runs promtool. Returns what it writes. */
    static String promtool(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(FOLDER.resolve("promtool").toString());
        builder.command().addAll(List.of(arguments));
        Process tool = builder.redirectErrorStream(true).start();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return tool.waitFor() == 0 ? said : "FAILED: " + said;
    }

    static Prometheus start(Path rules, Supplier<String> scrape) throws IOException {
        HttpServer application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext("/metrics", exchange -> {
            byte[] body = scrape.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        application.start();
        Path folder = Files.createTempDirectory("prometheus");
        Path configuration = Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, evaluation_interval: 1s}
                rule_files: ["%s"]
                scrape_configs:
                  - {job_name: fares, static_configs: [{targets: ["127.0.0.1:%d"]}]}
                """.formatted(
                        rules.toRealPath(), application.getAddress().getPort()));
        String listen = "127.0.0.1:" + freePort();
        Process process = new ProcessBuilder(
                        FOLDER.resolve("prometheus").toString(),
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=" + listen)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        return new Prometheus(application, process, folder, URI.create("http://" + listen));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until an alert is pending or firing for a scope. */
    void awaitAlert(String name, String scope) {
        eventually(
                name,
                () -> get("/api/v1/alerts")
                        .at("/data/alerts")
                        .valueStream()
                        .map(alert -> alert.get("labels"))
                        .anyMatch(labels -> labels.get("alertname").asString().equals(name)
                                && labels.get("scope_name").asString().equals(scope)));
    }

    /** Waits until an expression has a value. */
    void awaitSeries(String expression) {
        String path = "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8);
        eventually(expression, () -> !get(path).at("/data/result").isEmpty());
    }

    private static void eventually(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(condition);
    }

    /** Returns the health of each rule. */
    Map<String, String> rules() throws IOException, InterruptedException {
        Map<String, String> health = new TreeMap<>();
        for (JsonNode group : get("/api/v1/rules").at("/data/groups")) {
            for (JsonNode rule : group.get("rules")) {
                health.put(rule.get("name").asString(), rule.get("health").asString());
            }
        }
        return health;
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return JsonMapper.shared()
                .readTree(HttpClient.newHttpClient()
                        .send(request, BodyHandlers.ofString())
                        .body());
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        application.stop(0);
        FileSystemUtils.deleteRecursively(folder);
    }
}
