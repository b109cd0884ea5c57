// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A headless Chromium, driven over the W3C WebDriver protocol. The tests of traio-spring-boot-admin compile a copy. */
public final class Browser implements AutoCloseable {

    private static final Path CHROMIUM = Path.of(System.getProperty("traio.test.chromium", "/usr/bin/chromium"));
    private static final Path DRIVER = Path.of(System.getProperty("traio.test.chromedriver", "/usr/bin/chromedriver"));
    private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process driver;
    private final URI session;

    private Browser(Process driver, URI session) {
        this.driver = driver;
        this.session = session;
    }

    public static boolean isInstalled() {
        return CHROMIUM.toFile().canExecute() && DRIVER.toFile().canExecute();
    }

    public static Browser start(String... more) throws IOException, InterruptedException {
        Process driver = new ProcessBuilder(DRIVER.toString(), "--port=0")
                .redirectErrorStream(true)
                .start();
        List<String> arguments = new ArrayList<>(List.of(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1280,800"));
        arguments.addAll(List.of(more));
        try {
            URI server = URI.create("http://localhost:" + port(driver));
            Map<String, Object> options = Map.of("binary", CHROMIUM.toString(), "args", arguments);
            JsonNode answer = new Browser(driver, server)
                    .post(
                            "/session",
                            Map.of("capabilities", Map.of("alwaysMatch", Map.of("goog:chromeOptions", options))));
            return new Browser(
                    driver, server.resolve("/session/" + answer.get("sessionId").asString()));
        } catch (IOException | InterruptedException | RuntimeException e) {
            driver.destroy();
            throw e;
        }
    }

    private static String port(Process driver) throws IOException {
        BufferedReader out = new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher started = STARTED.matcher(line);
            if (started.find()) {
                return started.group(1);
            }
        }
        throw new IOException("chromedriver ended before it had started");
    }

    public void open(URI address) throws IOException, InterruptedException {
        post("/url", Map.of("url", address.toString()));
    }

    /** Runs the body of a JavaScript function, and gives what it returns. */
    public JsonNode script(String body, Object... arguments) throws IOException, InterruptedException {
        return post("/execute/sync", Map.of("script", body, "args", arguments));
    }

    /** Waits until the body of a JavaScript function returns true. */
    public void await(String body, Object... arguments) {
        Awaitility.await(body)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> script(body, arguments).asBoolean());
    }

    /** Types keys, which may be those of {@link Key}, into whatever has the focus. */
    public void type(String keys) throws IOException, InterruptedException {
        List<Map<String, String>> steps = keys.codePoints()
                .mapToObj(Character::toString)
                .flatMap(key -> Stream.of("keyDown", "keyUp").map(type -> Map.of("type", type, "value", key)))
                .toList();
        post("/actions", Map.of("actions", List.of(Map.of("type", "key", "id", "keyboard", "actions", steps))));
    }

    public void click(String css) throws IOException, InterruptedException {
        JsonNode element = post("/element", Map.of("using", "css selector", "value", css));
        post("/element/" + element.iterator().next().asString() + "/click", Map.of());
    }

    public byte[] screenshot() throws IOException, InterruptedException {
        return Base64.getDecoder().decode(send("GET", "/screenshot", null).asString());
    }

    private JsonNode post(String path, Map<String, ?> body) throws IOException, InterruptedException {
        return send("POST", path, body);
    }

    private JsonNode send(String method, String path, Map<String, ?> body) throws IOException, InterruptedException {
        HttpRequest.BodyPublisher content = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
        HttpRequest request = HttpRequest.newBuilder(URI.create(session + path))
                .method(method, content)
                .header("Content-Type", "application/json; charset=utf-8")
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("WebDriver: " + answer.body());
        }
        return JSON.readTree(answer.body()).get("value");
    }

    @Override
    public void close() throws IOException, InterruptedException {
        try {
            send("DELETE", "", null);
        } finally {
            driver.destroy();
            if (!driver.waitFor(10, TimeUnit.SECONDS)) {
                driver.destroyForcibly();
            }
        }
    }

    /** Keys that are no characters, as WebDriver writes them. */
    public static final class Key {

        public static final String ENTER = "\uE007";
        public static final String ESCAPE = "\uE00C";
        public static final String END = "\uE010";
        public static final String HOME = "\uE011";
        public static final String LEFT = "\uE012";
        public static final String UP = "\uE013";
        public static final String RIGHT = "\uE014";
        public static final String DOWN = "\uE015";
        public static final String DELETE = "\uE017";

        private Key() {}
    }
}
