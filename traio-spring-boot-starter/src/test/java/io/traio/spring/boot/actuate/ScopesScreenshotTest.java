// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.TaskOptions;
import io.traio.test.TestClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Takes the picture of the live page that is in the documentation: {@code -Dtraio.screenshot=docs/images/scopes.png}. */
@EnabledIfSystemProperty(named = "traio.screenshot", matches = ".+", disabledReason = "No picture was asked for")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ScopesScreenshotTest {

    private final CountDownLatch end = new CountDownLatch(1);

    @Test
    void page_underLoad_isPictured() throws Exception {
        assumeTrue(Browser.isInstalled(), "Skipped: chromium and chromedriver are not installed");
        // Tests run in the folder of their module.
        Path file = Path.of("..", System.getProperty("traio.screenshot"));
        try (ActuatorServer server = ActuatorServer.start("management.endpoint.scopes.access=unrestricted");
                Browser browser = Browser.start(
                        "--window-size=1280,1050", "--hide-scrollbars", "--force-device-scale-factor=1.5");
                // Ends the tasks before the server is closed, which waits for them.
                AutoCloseable tasks = end::countDown) {
            load(server.scopes(), server.clock());
            browser.open(server.address(""));
            browser.await("return document.querySelectorAll('.row').length === 23");
            // The clock of the server stands still, so the bars must not run ahead.
            browser.script("pause(); show(last, 0)");
            browser.script("select(document.querySelectorAll('.row.scope')[1].key, /* focus= */ false)");
            Files.createDirectories(file.getParent());
            Files.write(file, browser.screenshot());
        }
        assertThat(file).isNotEmptyFile();
    }

    /** What the sample application looks like under load. */
    private void load(ScopeFactory scopes, TestClock clock) throws InterruptedException {
        OpenScope old = scopes.openShared("import timetable");
        start(old, "read feed", t -> t.withInterruptOnCancel(false));
        clock.advance(Duration.ofMillis(1_300));
        old.cancel();
        clock.advance(Duration.ofMillis(1_100));

        OpenScope first = search(scopes, "search PAR → NRT", 1_200);
        start(first, "alpha air", t -> t);
        start(first, "beta wings", t -> t);
        start(first, "progress", t -> t.withAwaited(false).withBubble(false));
        clock.advance(Duration.ofMillis(60));
        start(first, "gamma jet", t -> t);
        start(first, "delta fly", t -> t);
        clock.advance(Duration.ofMillis(180));
        Scope audit = first.fork().openShared("audit", s -> s.withMaxConcurrency(1));
        start(audit, "insert search", t -> t);
        audit.spawn("insert quotes", () -> {});
        clock.advance(Duration.ofMillis(130));

        OpenScope second = search(scopes, "search LYS → JFK", 1_200);
        start(second, "alpha air", t -> t);
        clock.advance(Duration.ofMillis(110));
        start(second, "beta wings", t -> t);
        start(second, "delta fly", t -> t);
        clock.advance(Duration.ofMillis(90));

        OpenScope third = search(scopes, "search AMS → GRU", 800);
        start(third, "cache", t -> t.withMaster(true));
        start(third, "gamma jet", t -> t.withInterruptOnCancel(false));
        clock.advance(Duration.ofMillis(200));
        third.cancel();

        OpenScope mirror = scopes.openShared("mirror fares");
        for (int part = 1; part <= 5; part++) {
            start(mirror, "part " + part, t -> t);
            clock.advance(Duration.ofMillis(25));
        }
    }

    private static OpenScope search(ScopeFactory scopes, String name, long timeoutMillis) {
        return scopes.openShared(
                name, s -> s.withTimeout(Duration.ofMillis(timeoutMillis)).withCancelTimeout(Duration.ofSeconds(5)));
    }

    private void start(Scope scope, String name, UnaryOperator<TaskOptions> options) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(
                name,
                () -> {
                    started.countDown();
                    end.await();
                    return null;
                },
                options);
        started.await();
    }
}
