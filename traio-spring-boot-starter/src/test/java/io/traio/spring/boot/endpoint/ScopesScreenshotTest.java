// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.TaskOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The live page while requests are served, by a clock that goes. Takes the picture that is in the documentation, if it is
 * asked for: {@code -Dtraio.screenshot=docs/images/scopes.png}.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ScopesScreenshotTest {

    private static final String PICTURE = System.getProperty("traio.screenshot");

    /** How the browser is started: how large the picture is, and whether it is dark. */
    private static final String OPTIONS = System.getProperty(
            "traio.screenshot.options", "--window-size=1000,1040 --hide-scrollbars --force-device-scale-factor=2");

    /** Deadlines must not pass while it runs; on the picture they look better near. */
    private static final int PATIENCE = PICTURE == null ? 3 : 1;

    private static final String STATES = """
            return ["open", "completing", "running", "queued", "ending", "cancelling", "straggling"]
                .every(state => document.querySelector(".row[data-state=" + state + "]"))""";

    @Test
    void page_underLoad_isLiveAndShowsEveryState() throws Exception {
        assumeTrue(Browser.isInstalled(), "Skipped: chromium and chromedriver are not installed");
        Fares.end = new CountDownLatch(1);
        try (ActuatorServer server =
                        ActuatorServer.startLive(App.class, "management.endpoint.scopes.access=unrestricted");
                Browser browser = Browser.start(OPTIONS.split(" "));
                // Ends the tasks before the server is closed, which waits for them.
                AutoCloseable tasks = Fares.end::countDown) {
            browser.open(server.address(""));
            CompletableFuture<?> backup = get(server, "/backup");
            browser.await(open(0, 2.2));
            CompletableFuture<?> slow = get(server, "/quotes");
            browser.await(open(1, .8));
            CompletableFuture<?> cancelled = get(server, "/cancelled");
            browser.await(open(2, .9));
            CompletableFuture<?> searches = get(server, "/searches");
            browser.await(open(3, .7));
            CompletableFuture<?> trips = get(server, "/trips");
            browser.await(open(4, 1.1));

            browser.await(STATES);
            assertThat(browser.script("return document.getElementById('pulse').innerText")
                            .asString())
                    .isEqualTo("live");
            assertThat(browser.script("return document.querySelectorAll('.deadline:not([hidden])').length")
                            .asInt())
                    .isGreaterThan(5);
            // The keyboard has been here: its row is marked, and offers to cancel.
            browser.script("select(document.querySelectorAll('.row.scope')[2].key, /* focus= */ false)");
            if (PICTURE != null) {
                // Tests run in the folder of their module.
                Files.write(Path.of("..", PICTURE), browser.screenshot());
            }
            Fares.end.countDown();
            CompletableFuture.allOf(backup, slow, cancelled, searches, trips).get(30, TimeUnit.SECONDS);
        }
    }

    /** Whether the n-th root scope on the page is there, and has been for so many seconds. */
    private static String open(int root, double seconds) {
        return "return seconds([...document.querySelectorAll('.row[aria-level=\"1\"]')][" + root
                + "]?.item.node.age) > " + seconds;
    }

    private static CompletableFuture<HttpResponse<String>> get(ActuatorServer server, String path) {
        URI address = server.address("").resolve(path);
        return HttpClient.newHttpClient().sendAsync(ActuatorServer.request("GET", address), BodyHandlers.ofString());
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import(Fares.class)
    static class App {}

    /** Does what the sample application does, with suppliers that answer when the test is over. */
    @RestController
    static class Fares {

        private static volatile CountDownLatch end = new CountDownLatch(0);

        private final ScopeFactory scopes;

        Fares(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        @GetMapping("/quotes")
        String quotes() {
            return scopes.call("quotes", scope -> {
                start(scope, "progress", t -> t.withAwaited(false));
                work();
                return ask(8, "alpha", "beta", "gamma");
            });
        }

        @GetMapping("/trips")
        String trips() throws InterruptedException {
            Scope request = Scope.current().orElseThrow();
            Task<?> outward = request.spawn("outward", () -> scopes.call("quotes", scope -> ask(4, "alpha", "beta")));
            work();
            start(request, "back", t -> t);
            outward.join();
            return "both";
        }

        @GetMapping("/searches")
        String searches() {
            return scopes.call("history", s -> s.withMaxConcurrency(2), scope -> {
                Stream.of("latest", "cheapest", "busiest").forEach(query -> start(scope, query, t -> t));
                return "searches";
            });
        }

        /** An operator has cancelled it, and a supplier takes its time to end. */
        @GetMapping("/cancelled")
        String cancelled() {
            scopes.run("quotes", scope -> {
                start(scope, "gamma", t -> t.withInterruptOnCancel(false).withCancelTimeout(Duration.ofMinutes(1)))
                        .await();
                scope.cancel();
            });
            return "nothing";
        }

        /** Cancelled, but it does not listen. */
        @GetMapping("/backup")
        String backup() throws InterruptedException {
            Scope backup = scopes.openShared("backup", s -> s.withDetached(true));
            start(backup, "copy", t -> t.withInterruptOnCancel(false).withMaster(true))
                    .await();
            backup.cancel();
            return "started";
        }

        private String ask(int seconds, String... suppliers) throws InterruptedException {
            scopes.run("suppliers", s -> s.withTimeout(Duration.ofSeconds(seconds * PATIENCE)), scope -> {
                for (String supplier : suppliers) {
                    start(scope, supplier, t -> t.withBubble(false));
                    work();
                }
            });
            return "quotes";
        }

        /** Takes its time, but no longer than the test. */
        private static void work() throws InterruptedException {
            end.await(350, TimeUnit.MILLISECONDS);
        }

        /** Gives what says when the task has started. */
        private static CountDownLatch start(Scope scope, String name, UnaryOperator<TaskOptions> options) {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn(
                    name,
                    () -> {
                        started.countDown();
                        end.await();
                        return null;
                    },
                    options);
            return started;
        }
    }
}
