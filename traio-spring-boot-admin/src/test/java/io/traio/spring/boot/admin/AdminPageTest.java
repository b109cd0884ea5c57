// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.endpoint.Browser;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The views of Spring Boot Admin in a headless Chromium. Takes a picture of both if it is asked for:
 * {@code -Dtraio.screenshots=docs/images}.
 */
@ExtendWith(Fleet.Shared.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AdminPageTest {

    private static final String PICTURES = System.getProperty("traio.screenshots");

    /** The words of the row of an instance in the list, without its id. */
    private static final String ROW = """
            return [...document.querySelectorAll("[data-instance='" + arguments[0] + "'] td")]
                .map(cell => cell.innerText.split(" ")[0]).join("|")""";

    private static final String TEXT = "return document.querySelector('.traio')?.innerText ?? ''";

    private static Fleet fleet;
    private static Browser browser;

    // Scopes fail in the second instance only: the first one has none that has failed lately, in whatever order tests
    // run.
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<OpenScope> opened = new ArrayList<>();

    @BeforeAll
    static void start(Fleet shared) throws Exception {
        assumeTrue(Browser.isInstalled(), "Skipped: chromium and chromedriver are not installed");
        fleet = shared;
        // Pages that are kept for a way back keep their event streams, and a browser has six connections to a server.
        browser = Browser.start("--window-size=1400,900", "--hide-scrollbars", "--disable-features=BackForwardCache");
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void forgetRequests() throws Exception {
        browser.open(fleet.address("/about"));
    }

    @AfterEach
    void endScopes() {
        end.countDown();
        opened.forEach(scope -> {
            scope.cancel();
            await().atMost(Duration.ofSeconds(10)).until(() -> scope.state() == Scope.State.CLOSED);
        });
    }

    @Test
    void list_ofAllInstances_saysWhatEachOneHas() throws Exception {
        OpenScope scope = open(fleet.app(0), "quotes");
        block(scope, "alpha");
        straggle(fleet.app(1), "slow");
        fail(fleet.app(1), "broken");
        browser.open(fleet.address("/scopes"));
        awaitRow(fleet.app(0), "quotes|UP|1|0|0|");
        awaitRow(fleet.app(1), "quotes|UP|1|1|");
        assertThat(browser.script(ROW, fleet.app(1).id()).asString()).doesNotStartWith("quotes|UP|1|1|0|");
        // Trouble comes first.
        assertThat(browser.script("return document.querySelector('[data-instance]').dataset.instance")
                        .asString())
                .isEqualTo(fleet.app(1).id());
        awaitText("1 instance without the endpoint “scopes”");
        picture("admin-fleet.png");
    }

    @Test
    void list_click_leadsToTheViewOfTheInstance() throws Exception {
        OpenScope scope = open(fleet.app(1), "trips");
        block(scope, "flight");
        browser.open(fleet.address("/scopes"));
        browser.await(
                "return document.querySelector(\"[data-instance='\" + arguments[0] + \"'] a\") !== null",
                fleet.app(1).id());
        browser.click("[data-instance='" + fleet.app(1).id() + "'] a");
        browser.await(
                "return location.pathname === '/instances/' + arguments[0] + '/scopes'",
                fleet.app(1).id());
        awaitText("trips #" + scope.id());
        awaitText("flight #");
    }

    @Test
    void instance_live_showsWhatIsOpenNow() throws Exception {
        browser.open(view(0));
        awaitText("No scope is open right now.");
        OpenScope scope = open(fleet.app(0), "quotes");
        block(scope, "alpha");
        awaitText("1 scope · 1 task");
        awaitText("alpha #");
        end.countDown();
        scope.close();
        awaitText("No scope is open right now.");
    }

    @Test
    void instance_memory_showsWhatWentWrongAndWhatWasUnfinished() throws Exception {
        ScopeFactory scopes = fleet.app(1).scopes();
        OpenScope late = scopes.openShared("quotes", s -> s.withTimeout(Duration.ofMillis(200)));
        opened.add(late);
        block(late, "alpha");
        block(late, "beta");
        browser.open(view(1));
        awaitText("ScopeTimeoutException");
        browser.script(
                "[...document.querySelectorAll('.traio-more')].find(b => b.innerText.includes('quotes')).click()");
        awaitText("This was unfinished");
        awaitText("alpha #");
        OpenScope trips = scopes.openShared("trips", s -> s.withTimeout(Duration.ofMinutes(1)));
        opened.add(trips);
        block(trips, "flight");
        block(trips, "hotel");
        straggle(fleet.app(1), "import");
        awaitText("1 straggler");
        awaitText("hotel #");
        picture("admin-instance.png");
    }

    @Test
    void filter_typed_findsByName() throws Exception {
        open(fleet.app(0), "quotes");
        open(fleet.app(0), "trips");
        browser.open(view(0));
        awaitText("2 scopes");
        browser.click(".traio-bar input");
        browser.type("trip");
        awaitText("1 scope ·");
        awaitText("trips #");
    }

    /** A name is text, whatever it looks like. */
    @Test
    void name_withMarkup_isShownAsItIs() throws Exception {
        String name = "<img src=x onerror='window.hacked=1'>{{hacked}}<b>&amp;";
        OpenScope scope = open(fleet.app(0), name);
        block(scope, name);
        browser.open(view(0));
        browser.await("""
                return [...document.querySelectorAll(".traio-name")]
                    .filter(cell => cell.innerText.startsWith(arguments[0])).length === 2""", name);
        assertThat(browser.script("return document.querySelectorAll('.traio img, .traio b').length")
                        .asInt())
                .isZero();
        assertThat(browser.script("return window.hacked === undefined").asBoolean())
                .isTrue();
    }

    @Test
    void menu_whereTheEndpointIs_offersTheView() throws Exception {
        String offered =
                "return document.querySelector('a[href$=\"/scopes\"][href*=\"' + arguments[0] + '\"]') !== null";
        browser.open(fleet.address("/instances/" + fleet.app(0).id() + "/details"));
        browser.await(offered, fleet.app(0).id());
        browser.open(fleet.address("/instances/" + fleet.app(2).id() + "/details"));
        browser.await("return document.querySelector('[data-sba-group]') !== null");
        assertThat(browser.script(offered, fleet.app(2).id()).asBoolean()).isFalse();
    }

    /** Not even to log in again: others can still be seen. */
    @Test
    void instance_refuses_isSaidInItsRow() throws Exception {
        fleet.app(0).setLocked(true);
        try {
            open(fleet.app(1), "trips");
            browser.open(fleet.address("/scopes"));
            awaitText("The answer was 401");
            awaitRow(fleet.app(1), "quotes|UP|1|0|");
            assertThat(browser.script("return location.pathname").asString()).isEqualTo("/scopes");
            browser.open(view(0));
            awaitText("The answer was 401; trying again.");
        } finally {
            fleet.app(0).setLocked(false);
        }
        awaitText("No scope is open right now.");
    }

    @Test
    void requests_ofAView_areNoMoreThanThoseOfTheLivePage() throws Exception {
        browser.open(view(0));
        browser.await("return " + requests(false) + ".length >= 4 && " + requests(true) + ".length >= 2");
        assertThat(least(false)).isGreaterThan(500);
        assertThat(least(true)).isGreaterThan(2_000);
    }

    @Test
    void requests_whileHidden_stop() throws Exception {
        browser.open(view(0));
        browser.await("return " + requests(false) + ".length >= 2");
        hide(true);
        int before = count();
        waitInTheBrowser(Duration.ofMillis(2_500));
        assertThat(count()).isEqualTo(before);
        hide(false);
        browser.await("return " + requests(false) + ".length > arguments[0]", before);
    }

    @Test
    void requests_ofAViewThatIsLeft_stop() throws Exception {
        browser.open(view(0));
        awaitText("No scope is open right now.");
        browser.click("a[href$='/journal']");
        browser.await("return location.pathname === '/journal' && document.querySelector('.traio') === null");
        int before = count();
        waitInTheBrowser(Duration.ofMillis(2_500));
        assertThat(count()).isEqualTo(before);
    }

    private static void awaitText(String part) {
        eventually(() -> assertThat(browser.script(TEXT).asString()).contains(part));
    }

    private static void awaitRow(Fleet.App app, String start) {
        eventually(() -> assertThat(browser.script(ROW, app.id()).asString()).startsWith(start));
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(assertion);
    }

    /** What the page has requested of endpoints, in the order of time. */
    private static String requests(boolean memory) {
        return "performance.getEntriesByType('resource').filter(r => r.name.includes('/actuator/scopes')"
                + " && r.name.includes('view=recent') === " + memory + ")";
    }

    private static int count() throws Exception {
        return browser.script("return " + requests(false) + ".length + " + requests(true) + ".length")
                .asInt();
    }

    /** Returns the shortest time from one request to the next, in milliseconds. */
    private static double least(boolean memory) throws Exception {
        return browser.script("const at = " + requests(memory) + ".map(r => r.startTime);"
                        + " return Math.min(...at.slice(1).map((t, i) => t - at[i]))")
                .asDouble();
    }

    private static void hide(boolean hidden) throws Exception {
        browser.script(
                "Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });"
                        + " document.dispatchEvent(new Event('visibilitychange'))",
                hidden);
    }

    /** That something does not happen can only be seen by waiting. */
    private static void waitInTheBrowser(Duration time) throws Exception {
        browser.script("window.since = performance.now()");
        browser.await("return performance.now() - since > arguments[0]", time.toMillis());
    }

    private static URI view(int app) {
        return fleet.address("/instances/" + fleet.app(app).id() + "/scopes");
    }

    private OpenScope open(Fleet.App app, String name) {
        OpenScope scope = app.scopes().openShared(name);
        opened.add(scope);
        return scope;
    }

    private void block(OpenScope scope, String name) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(name, () -> {
            started.countDown();
            end.await();
        });
        started.await();
    }

    /** Leaves a cancelled scope with a task that does not end in time. */
    private void straggle(Fleet.App app, String name) throws InterruptedException {
        OpenScope scope = open(app, name);
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(
                "deaf",
                () -> {
                    started.countDown();
                    end.await();
                    return null;
                },
                t -> t.withInterruptOnCancel(false).withCancelTimeout(Duration.ofMillis(50)));
        started.await();
        scope.cancel();
    }

    private static void fail(Fleet.App app, String name) {
        try {
            app.scopes().run(name, scope -> {
                scope.spawn("alpha", () -> {
                    throw new IllegalStateException("no");
                });
            });
        } catch (IllegalStateException e) {
            // As meant.
        }
    }

    private static void picture(String file) throws Exception {
        if (PICTURES != null) {
            Files.write(Path.of("..", PICTURES, file), browser.screenshot());
        }
    }
}
