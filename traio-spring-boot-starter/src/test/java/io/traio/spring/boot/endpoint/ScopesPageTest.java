// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.Task;
import io.traio.TaskOptions;
import io.traio.spring.boot.endpoint.Browser.Key;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** The live page in a headless Chromium. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ScopesPageTest {

    private static final String STACKS = "management.endpoint.scopes.show-stacks=always";
    private static final String CANCELLABLE = "management.endpoint.scopes.access=unrestricted";

    /** What the rows show, one line each: level, name, state. */
    private static final String ROWS = """
            return [...document.querySelectorAll(".row:not(.gone)")]
                .map(r => r.ariaLevel + " " + r.querySelector(".label").textContent + " " + r.dataset.state)
                .join("\\n")""";

    /** The label of the row that has the focus, or that what has the focus is in. */
    private static final String FOCUS =
            "return document.activeElement.closest('.row')?.querySelector('.label').textContent";

    /** Text whose colour has less contrast to any background that it may have than WCAG AA asks for, 4.5 to 1. */
    private static final String LOW_CONTRAST = """
            const style = getComputedStyle(document.documentElement);
            function luminance(name) {
                document.body.style.color = style.getPropertyValue("--" + name);
                const [r, g, b] = getComputedStyle(document.body).color.match(/[\\d.]+/g)
                    .map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4);
                return .2126 * r + .7152 * g + .0722 * b;
            }
            function contrast(a, b) {
                const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
                return (light + .05) / (dark + .05);
            }
            const low = [];
            for (const text of ["ink", "soft", "open", "running", "queued", "ending", "straggling"])
                for (const background of ["bg", "panel", "hover"])
                    if (contrast(text, background) < 4.5)
                        low.push(text + " on " + background + " " + contrast(text, background).toFixed(2));
            return low.join();""";

    private static ActuatorServer server;
    private static ActuatorServer readOnly;
    private static Browser browser;

    private final CountDownLatch end = new CountDownLatch(1);

    @BeforeAll
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    static void start() throws Exception {
        assumeTrue(Browser.isInstalled(), "Skipped: chromium and chromedriver are not installed");
        server = ActuatorServer.start(CANCELLABLE, STACKS);
        readOnly = ActuatorServer.start("management.endpoint.scopes.trace-link=https://traces.example/t/{traceId}");
        browser = Browser.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
            readOnly.close();
            server.close();
        }
    }

    @BeforeEach
    void leaveLastPage() throws Exception {
        browser.open(URI.create("about:blank"));
    }

    @AfterEach
    void endScopes() {
        end.countDown();
        for (ActuatorServer each : new ActuatorServer[] {server, readOnly}) {
            each.scopes().scopes().forEach(Scope::cancel);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> each.scopes().scopes().isEmpty());
        }
    }

    @Test
    void page_nothingLive_saysSo() throws Exception {
        browser.open(server.address(""));
        browser.await("return document.getElementById('empty').innerText === 'No scope is open right now.'");
    }

    @Test
    void tree_liveScopes_isShown() throws Exception {
        OpenScope quotes = open("quotes");
        start(quotes, "alpha", t -> t);
        Scope audit = quotes.fork().openShared("audit");
        start(audit, "insert", t -> t);
        open("other");
        browser.open(server.address(""));
        awaitRows("1 quotes open", "2 alpha running", "2 audit open", "3 insert running", "1 other open");
        assertThat(browser.script("return document.getElementById('counts').textContent")
                        .asString())
                .isEqualTo("3 scopes · 2 tasks");
        assertThat(browser.script("return document.title").asString()).isEqualTo("Scopes (3)");
    }

    @Test
    void tree_whileItRuns_keepsUp() throws Exception {
        OpenScope quotes = open("quotes");
        browser.open(server.address(""));
        awaitRows("1 quotes open");
        start(quotes, "alpha", t -> t);
        awaitRows("1 quotes open", "2 alpha running");
        quotes.close();
        browser.await("return document.querySelectorAll('.row').length === 0");
    }

    @Test
    void task_withFlags_showsThem() throws Exception {
        start(
                open("quotes"),
                "report",
                t -> t.withMaster(true).withBubble(false).withAwaited(false));
        browser.open(server.address(""));
        awaitRows("1 quotes open", "2 report running");
        assertThat(browser.script("return [...document.querySelectorAll('.flag')].map(f => f.textContent).join()")
                        .asString())
                .isEqualTo("master,no bubble,background");
    }

    @Test
    void names_withMarkup_areText() throws Exception {
        String name = "<img src=x onerror=document.title='hacked'><script>document.title='hacked'</script>";
        OpenScope scope = open(name);
        start(scope, name, t -> t);
        browser.open(server.address(""));
        awaitRows("1 " + name + " open", "2 " + name + " running");
        browser.click(".label");
        browser.await("return document.querySelectorAll('dialog h2, dialog h3').length === 2");
        assertThat(browser.script(
                                "return document.querySelectorAll('main img, main script, dialog img, dialog script').length")
                        .asInt())
                .isZero();
        assertThat(browser.script("return document.title").asString()).isEqualTo("Scopes (1)");
    }

    @Test
    void bars_asTimeGoesBy_growToTheLeftAndDeadlinesComeNearer() throws Exception {
        OpenScope quotes = server.scopes().openShared("quotes", s -> s.withTimeout(Duration.ofSeconds(40)));
        server.clock().advance(Duration.ofMillis(3_200));
        start(quotes, "alpha", t -> t);
        browser.open(server.address(""));
        awaitRows("1 quotes open", "2 alpha running");
        browser.await("return document.querySelector('.scope .time').textContent === '3.2 s'"
                + " && document.querySelector('.scope .left').textContent === '36.8 s'");
        double began = left(".scope .bar");
        double deadline = left(".scope .deadline");
        double now = browser.script("return NOW").asDouble();
        assertThat(began).isBetween(20.0, now);
        assertThat(deadline).isBetween(now, 100.0);
        // A little later, all is a little further: nothing jumps.
        server.clock().advance(Duration.ofMillis(800));
        browser.await("return document.querySelector('.scope .time').textContent === '4.0 s'");
        await(() -> left(".scope .bar") < began - .2);
        assertThat(left(".scope .bar")).isGreaterThan(began - 5);
        await(() -> left(".scope .deadline") < deadline);
        assertThat(left(".scope .deadline")).isGreaterThan(deadline - 5);
        assertThat(left(".task .bar")).isGreaterThan(left(".scope .bar"));
    }

    private static double left(String css) throws Exception {
        return browser.script("return parseFloat(document.querySelector('" + css + "').style.left)")
                .asDouble();
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(condition);
    }

    @Test
    void times_beyondTheEdges_areMarked() throws Exception {
        server.scopes().openShared("old", s -> s.withTimeout(Duration.ofHours(2)));
        server.clock().advance(Duration.ofHours(1));
        browser.open(server.address(""));
        awaitRows("1 old open");
        String shown = "return [...document.querySelectorAll('.beyond, .deadline')].filter(m => !m.hidden)"
                + ".map(m => m.className).join()";
        browser.await(shown + " === 'beyond past,beyond ahead'");
        assertThat(browser.script("return document.getElementById('head').innerText.replace(/\\s+/g, ' ')")
                        .asString())
                .isEqualTo("Name State 10 m 1 m 10 s 1 s now 1 s 10 s 1 m Age Left");
    }

    @Test
    void state_chosen_showsThatAndWhatIsAround() throws Exception {
        OpenScope quotes = open("quotes");
        OpenScope inner = quotes.fork().openShared("inner");
        start(inner, "alpha", t -> t);
        OpenScope slow = open("slow");
        start(slow, "deaf", t -> t.withInterruptOnCancel(false));
        open("other");
        slow.cancel();
        server.clock().advance(Duration.ofSeconds(2));
        browser.open(server.address(""));
        awaitRows(
                "1 quotes open",
                "2 inner open",
                "3 alpha running",
                "1 slow straggling",
                "2 deaf straggling",
                "1 other open");
        choose("state", "straggling");
        awaitRows("1 slow straggling", "2 deaf straggling");
        choose("state", "running");
        awaitRows("1 quotes open", "2 inner open", "3 alpha running");
        choose("state", "queued");
        browser.await("return document.getElementById('empty').innerText === 'Nothing is in this state.'");
    }

    @Test
    void order_chosen_isThatOfTheRoots() throws Exception {
        open("one");
        server.clock().advance(Duration.ofMillis(1));
        server.scopes().openShared("two", s -> s.withTimeout(Duration.ofSeconds(9)));
        open("three");
        browser.open(server.address(""));
        awaitRows("1 one open", "1 two open", "1 three open");
        choose("sort", "young");
        awaitRows("1 three open", "1 two open", "1 one open");
        choose("sort", "left");
        browser.await("return document.querySelector('.row .label').textContent === 'two'");
    }

    private static void choose(String select, String value) throws Exception {
        browser.script(
                "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
                        + " s.dispatchEvent(new Event('change'))",
                select,
                value);
    }

    @Test
    void filter_nameOfATask_showsItAndMarksTheMatch() throws Exception {
        OpenScope quotes = open("quotes");
        start(quotes, "alpha", t -> t);
        start(quotes, "beta", t -> t);
        browser.open(server.address("?name=ALP"));
        awaitRows("1 quotes open", "2 alpha running");
        assertThat(browser.script("return document.querySelector('mark').textContent")
                        .asString())
                .isEqualTo("alp");
    }

    @Test
    void members_leftOut_areSaidWhereTheyAre() throws Exception {
        OpenScope wide = server.scopes().openShared("wide", s -> s.withMaxConcurrency(1));
        for (int i = 0; i < 30; i++) {
            wide.spawn("task", () -> end.await());
        }
        browser.open(server.address("?limit=1"));
        browser.await("return document.querySelector('.row.more')?.innerText === '… 25 more'");
    }

    @Test
    void targets_toClick_areLargeEnough() throws Exception {
        start(open("quotes"), "alpha", t -> t);
        try (Browser narrow = Browser.start("--window-size=500,700")) {
            for (Browser each : new Browser[] {browser, narrow}) {
                each.open(server.address(""));
                each.await("return document.querySelectorAll('.row').length === 2");
                assertThat(each.script("""
                                        return [...document.querySelectorAll("button, a, select, input, .twisty, .label")]
                                            .filter(e => e.checkVisibility() && e.textContent !== "" | e.matches("input"))
                                            .filter(e => e.getBoundingClientRect().height < 24 || e.getBoundingClientRect().width < 24)
                                            .map(e => e.outerHTML).join("\\n")""").asString()).isEmpty();
            }
        }
    }

    @Test
    void names_fiveLevelsDeepOnAPhone_areReadable() throws Exception {
        Scope scope = open("http.request");
        for (int level = 2; level <= 5; level++) {
            scope = scope.fork().openShared("suppliers-" + level);
        }
        start(scope, "supplier-alpha", t -> t);
        try (Browser phone = Browser.start("--window-size=500,800")) {
            phone.open(server.address(""));
            phone.await("return document.querySelectorAll('.row').length === 6");
            phone.script("document.body.style.width = '360px'");
            assertThat(phone.script("return [...document.querySelectorAll('.label')]"
                                    + ".filter(l => l.scrollWidth > l.clientWidth).map(l => l.textContent).join()")
                            .asString())
                    .isEmpty();
        }
    }

    @Test
    void straggler_there_isCountedInRed() throws Exception {
        OpenScope scope = open("slow");
        start(scope, "deaf", t -> t.withInterruptOnCancel(false));
        scope.cancel();
        server.clock().advance(Duration.ofSeconds(2));
        browser.open(server.address(""));
        awaitRows("1 slow straggling", "2 deaf straggling");
        assertThat(browser.script("return document.querySelector('#counts .bad').textContent")
                        .asString())
                .isEqualTo("1 straggler");
    }

    @Test
    void task_waitsForAnother_saysSo() throws Exception {
        OpenScope quotes = open("quotes");
        Task<?> beta = quotes.spawn("beta", () -> end.await());
        quotes.spawn("sum", () -> beta.join());
        browser.open(server.address(""));
        browser.await("return [...document.querySelectorAll('.flag.waits')].some("
                + "f => /^waits for task 'beta' \\(#\\d+\\)$/.test(f.textContent))");
    }

    @Test
    void purpose_ofARoot_isShownWithALinkToItsTrace() throws Exception {
        browser.open(readOnly.address(""));
        assertThat(browser.script("""
                                const words = purpose({ "http.request.method": "GET", "http.route": "/orders/{id}",
                                    "code.function.name": "com.example.Orders.refresh", traceId: "a/b", tenant: "<b>" });
                                return words.map(w => w.textContent + (w.href ? " " + w.href : "")).join()""").asString())
                .isEqualTo("GET /orders/{id},Orders.refresh,tenant <b>,trace https://traces.example/t/a%2Fb");
        browser.open(server.address(""));
        assertThat(browser.script("return purpose({ traceId: 'a' }).length").asInt())
                .isZero();
    }

    @Test
    void recent_chosen_hasCountsAndTreesAsTheyWere() throws Exception {
        OpenScope scope = server.scopes().openShared("recent <b>", s -> s.withTimeout(Duration.ofSeconds(3)));
        start(scope, "alpha", t -> t);
        server.clock().advance(Duration.ofSeconds(3));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> scope.state() == Scope.State.CLOSED);
        browser.open(server.address("?name=recent"));
        browser.click("#past");
        browser.await("return document.querySelector('#recent summary')?.innerText.replace(/\\s+/g, ' ')"
                + ".endsWith('timeout recent <b> after 3.0 s ScopeTimeoutException')");
        browser.click("#recent summary");
        browser.await("return document.querySelector('#recent .task .label')?.textContent === 'alpha'");
        assertThat(browser.script("return document.querySelector('#recent .task .time').textContent")
                        .asString())
                .isEqualTo("3.0 s");
        assertThat(browser.script("return document.querySelectorAll('#recent .cancel, #recent summary b b').length")
                        .asInt())
                .isZero();
        assertThat(browser.script("return [...document.querySelectorAll('#recent td')].map(c => c.textContent).join()")
                        .asString())
                .isEqualTo("recent <b>,1,0,1,0,0,3.0 s,3.0 s,3.0 s,3.0 s");
        browser.click("#live");
        browser.await("return document.getElementById('empty').innerText === 'No scope or task has this in its name.'");
    }

    @Test
    void filter_typed_keepsMatches() throws Exception {
        open("quotes");
        open("other");
        browser.open(server.address(""));
        awaitRows("1 quotes open", "1 other open");
        browser.type("/QUO");
        awaitRows("1 quotes open");
        assertThat(browser.script("return location.search").asString()).isEqualTo("?name=QUO");
        browser.open(server.address("?name=nothing"));
        browser.await("return document.getElementById('empty').innerText === 'No scope or task has this in its name.'");
    }

    @Test
    void limit_inTheAddress_isSaidToCut() throws Exception {
        open("one");
        open("two");
        browser.open(server.address("?limit=1"));
        awaitRows("1 one open");
        browser.await(
                "return document.getElementById('note').innerText.startsWith('Not all is shown: of 2 root scopes')");
    }

    @Test
    void levels_tooMany_areSaidToBeCut() throws Exception {
        Scope scope = open("level");
        for (int level = 2; level <= 101; level++) {
            scope = scope.fork().openShared("level");
        }
        browser.open(server.address(""));
        browser.await("return document.querySelectorAll('.row.scope').length === 100");
        browser.await("return document.querySelector('.row.more').innerText === '… 1 more'");
        browser.await("return document.getElementById('note').innerText === 'Not all is shown: only 100 levels.'");
    }

    @Test
    void keys_arrows_moveAndFold() throws Exception {
        OpenScope quotes = open("quotes");
        start(quotes, "alpha", t -> t);
        open("other");
        browser.open(server.address(""));
        awaitRows("1 quotes open", "2 alpha running", "1 other open");
        browser.script("document.querySelector('.row').focus()");
        browser.type(Key.DOWN);
        assertThat(browser.script(FOCUS).asString()).isEqualTo("alpha");
        browser.type(Key.LEFT);
        assertThat(browser.script(FOCUS).asString()).isEqualTo("quotes");
        browser.type(Key.LEFT);
        awaitRows("1 quotes open", "1 other open");
        assertThat(browser.script("return document.activeElement.ariaExpanded").asString())
                .isEqualTo("false");
        browser.type(Key.RIGHT);
        awaitRows("1 quotes open", "2 alpha running", "1 other open");
        browser.type(Key.END);
        assertThat(browser.script(FOCUS).asString()).isEqualTo("other");
        browser.type(Key.UP + Key.UP + Key.RIGHT);
        assertThat(browser.script(FOCUS).asString()).isEqualTo("alpha");
        browser.type(Key.HOME);
        assertThat(browser.script(FOCUS).asString()).isEqualTo("quotes");
    }

    @Test
    void focus_rowEnds_goesToTheNext() throws Exception {
        OpenScope one = open("one");
        open("two");
        browser.open(server.address(""));
        awaitRows("1 one open", "1 two open");
        browser.script("document.querySelector('.row').focus()");
        one.close();
        awaitRows("1 two open");
        assertThat(browser.script(FOCUS).asString()).isEqualTo("two");
    }

    @Test
    void focus_rowAboveEnds_stays() throws Exception {
        OpenScope one = open("one");
        OpenScope two = open("two");
        open("three");
        browser.open(server.address(""));
        awaitRows("1 one open", "1 two open", "1 three open");
        browser.script("document.querySelectorAll('.row')[2].focus()");
        // The order of all rows as they end, those that fade away included.
        browser.script("""
                window.orders = [];
                new MutationObserver(() => orders.push(
                        [...document.querySelectorAll(".row .label")].map(l => l.textContent).join()))
                    .observe(document.getElementById("tree"), { subtree: true, childList: true, attributes: true });
                window.blurred = 0;
                addEventListener("blur", () => blurred++, true);""");
        one.close();
        awaitRows("1 two open", "1 three open");
        assertThat(browser.script(FOCUS).asString()).isEqualTo("three");
        assertThat(browser.script("return blurred").asInt()).isZero();
        assertThat(browser.script("return orders[0]").asString()).isEqualTo("one,two,three");
        two.close();
        awaitRows("1 three open");
        assertThat(browser.script(FOCUS).asString()).isEqualTo("three");
    }

    @Test
    void paused_filterTyped_showsMatchesAndStaysPaused() throws Exception {
        open("quotes");
        open("other");
        browser.open(server.address(""));
        awaitRows("1 quotes open", "1 other open");
        browser.type("p/QUO");
        awaitRows("1 quotes open");
        assertThat(browser.script("return document.getElementById('pulse').innerText")
                        .asString())
                .isEqualTo("paused");
    }

    @Test
    void paused_cancelled_showsWhatBecameOfIt() throws Exception {
        OpenScope scope = open("victim");
        start(scope, "deaf", t -> t.withInterruptOnCancel(false));
        browser.open(server.address(""));
        awaitRows("1 victim open", "2 deaf running");
        browser.type("p");
        browser.click(".cancel");
        confirm();
        awaitRows("1 victim ending", "2 deaf cancelling");
        assertThat(browser.script("return document.getElementById('pulse').innerText")
                        .asString())
                .isEqualTo("paused");
    }

    @Test
    void keys_p_pauses() throws Exception {
        OpenScope one = open("one");
        browser.open(server.address(""));
        awaitRows("1 one open");
        browser.type("p");
        assertThat(browser.script("return document.getElementById('pulse').innerText")
                        .asString())
                .isEqualTo("paused");
        one.close();
        open("two");
        assertThat(browser.script(ROWS).asString()).isEqualTo("1 one open");
        browser.type("p");
        awaitRows("1 two open");
    }

    @Test
    void details_enter_showStacksUntilEscape() throws Exception {
        start(open("quotes"), "alpha", t -> t);
        browser.open(server.address(""));
        awaitRows("1 quotes open", "2 alpha running");
        browser.script("document.querySelector('.row').focus()");
        browser.type(Key.ENTER);
        browser.await("return document.querySelector('dialog pre')?.innerText.includes('CountDownLatch.await')");
        browser.type(Key.ESCAPE);
        assertThat(browser.script("return !document.getElementById('detail').open")
                        .asBoolean())
                .isTrue();
        assertThat(browser.script(FOCUS).asString()).isEqualTo("quotes");
    }

    @Test
    void details_stacksNotShown_sayWhy() throws Exception {
        start(readOnly.scopes().openShared("quotes"), "alpha", t -> t);
        browser.open(readOnly.address(""));
        awaitRows("1 quotes open", "2 alpha running");
        browser.click(".label");
        browser.await("return document.querySelector('dialog')?.innerText.includes('show-stacks')");
    }

    @Test
    void cancel_byKey_asksOnceAndCancels() throws Exception {
        OpenScope scope = open("victim");
        start(scope, "deaf", t -> t.withInterruptOnCancel(false));
        browser.open(server.address(""));
        awaitRows("1 victim open", "2 deaf running");
        browser.script("document.querySelector('.row').focus()");
        browser.type(Key.DELETE);
        assertThat(browser.script("return document.querySelector('.cancel').innerText")
                        .asString())
                .isEqualTo("Sure?");
        assertThat(scope.isCancelled()).isFalse();
        awaitConfirmable();
        browser.type(Key.DELETE);
        awaitRows("1 victim ending", "2 deaf cancelling");
        assertThat(scope.isCancelled()).isTrue();
        browser.await("return document.getElementById('said').innerText === 'Cancelled “victim”'");
    }

    @Test
    void cancel_byMouse_asksOnceAndCancels() throws Exception {
        OpenScope scope = open("victim");
        browser.open(server.address(""));
        awaitRows("1 victim open");
        browser.click(".cancel");
        confirm();
        browser.await("return document.querySelectorAll('.row').length === 0");
        assertThat(scope.isCancelled()).isTrue();
    }

    @Test
    void cancel_keyHeldDown_isNotConfirmed() throws Exception {
        OpenScope scope = open("victim");
        browser.open(server.address(""));
        awaitRows("1 victim open");
        spyOnDeletes();
        // Long enough for the second one to count, were it a key press of its own.
        browser.script("document.querySelector('.row').focus()");
        browser.type(Key.DELETE);
        awaitConfirmable();
        browser.script("""
                document.activeElement.dispatchEvent(
                    new KeyboardEvent("keydown", { key: "Delete", repeat: true, bubbles: true }))""");
        assertThat(browser.script("return deletes").asInt()).isZero();
        assertThat(browser.script("return document.querySelector('.cancel').innerText")
                        .asString())
                .isEqualTo("Sure?");
        assertThat(scope.isCancelled()).isFalse();
    }

    @Test
    void cancel_keyHeldDown_isNotArmed() throws Exception {
        open("victim");
        browser.open(server.address(""));
        awaitRows("1 victim open");
        browser.script("""
                document.querySelector(".row").focus();
                document.activeElement.dispatchEvent(
                    new KeyboardEvent("keydown", { key: "Delete", repeat: true, bubbles: true }))""");
        assertThat(browser.script("return document.querySelector('.cancel').innerText")
                        .asString())
                .isEqualTo("Cancel");
    }

    @Test
    void cancel_doubleClick_isNotConfirmed() throws Exception {
        OpenScope scope = open("victim");
        browser.open(server.address(""));
        awaitRows("1 victim open");
        spyOnDeletes();
        browser.script("document.querySelector('.cancel').click(); document.querySelector('.cancel').click()");
        assertThat(browser.script("return deletes").asInt()).isZero();
        assertThat(scope.isCancelled()).isFalse();
        confirm();
        awaitRows("");
        assertThat(browser.script("return deletes").asInt()).isEqualTo(1);
        assertThat(scope.isCancelled()).isTrue();
    }

    /** Counts what the page asks the server to cancel, from the moment at which it asks. */
    private static void spyOnDeletes() throws Exception {
        browser.script("""
                window.deletes = 0;
                const real = window.fetch;
                window.fetch = (path, options) => {
                    if (options.method === "DELETE") deletes++;
                    return real(path, options);
                };""");
    }

    private static void confirm() throws Exception {
        awaitConfirmable();
        browser.click(".cancel.armed");
    }

    /** Waits until the button may be pressed for the second time. */
    private static void awaitConfirmable() {
        browser.await("return performance.now() - document.querySelector('.cancel.armed')?.armedAt > 300");
    }

    @Test
    void cancel_readOnly_isNotOffered() throws Exception {
        readOnly.scopes().openShared("safe");
        browser.open(readOnly.address(""));
        awaitRows("1 safe open");
        assertThat(browser.script("return document.querySelectorAll('.cancel').length")
                        .asInt())
                .isZero();
        assertThat(browser.script("return document.getElementById('hint').hidden")
                        .asBoolean())
                .isTrue();
    }

    /** With the strict policy of the server, too. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancel_behindALogIn_sendsTheToken(boolean singlePageApplication) throws Exception {
        try (ActuatorServer secured =
                ActuatorServer.startSecured("USER", CANCELLABLE, "test.spa=" + singlePageApplication)) {
            OpenScope scope = secured.scopes().openShared("victim");
            browser.open(secured.address(""));
            browser.click("#username");
            browser.type("alice");
            browser.click("#password");
            browser.type("secret" + Key.ENTER);
            awaitRows("1 victim open");
            browser.click(".cancel");
            confirm();
            browser.await("return document.querySelectorAll('.row').length === 0");
            assertThat(scope.isCancelled()).isTrue();
        }
    }

    @Test
    void server_gone_isSaid() throws Exception {
        try (ActuatorServer mortal = ActuatorServer.start()) {
            mortal.scopes().openShared("quotes");
            browser.open(mortal.address(""));
            awaitRows("1 quotes open");
        }
        browser.await("return document.documentElement.classList.contains('offline')"
                + " && document.getElementById('note').innerText .startsWith('No connection; trying again. This is how it was at ')"
                + " && document.getElementById('pulse').innerText === 'offline'");
    }

    @Test
    void resources_all_comeFromTheEndpoint() throws Exception {
        open("quotes");
        browser.open(server.address(""));
        awaitRows("1 quotes open");
        assertThat(browser.script("return performance.getEntriesByType('resource').every("
                                + "r => new URL(r.name).pathname === location.pathname || r.name.startsWith('data:'))")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void script_forbiddenByAPolicyOnTheWay_isSaid() throws Exception {
        try (ActuatorServer strict = ActuatorServer.startLive(StrictProxy.class)) {
            browser.open(strict.address(""));
            assertThat(browser.script("return document.body.innerText").asString())
                    .contains("needs its script", "Content-Security-Policy");
        }
        browser.open(server.address(""));
        browser.await("return !document.body.innerText.includes('needs its script')");
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class StrictProxy {

        /** A second policy: both hold. */
        @Bean
        Filter policy() {
            return (request, response, chain) -> {
                ((HttpServletResponse) response).addHeader("Content-Security-Policy", "script-src 'self'");
                chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response) {
                    @Override
                    public void setHeader(String name, String value) {
                        addHeader(name, value);
                    }
                });
            };
        }
    }

    @Test
    void resources_fromElsewhere_areRefused() throws Exception {
        browser.open(server.address(""));
        browser.script("""
                window.refused = [];
                addEventListener("securitypolicyviolation", e => refused.push(e.effectiveDirective));
                fetch("http://127.0.0.1:" + location.port + "/elsewhere").catch(() => {});
                document.body.append(Object.assign(new Image(), { src: "/elsewhere.png" }));
                document.body.append(Object.assign(document.createElement("iframe"), { src: "/elsewhere" }));""");
        browser.await("return ['connect-src', 'img-src', 'frame-src'].every(d => refused.includes(d))");
    }

    @Test
    void colours_ofText_haveContrast() throws Exception {
        browser.open(server.address(""));
        assertThat(browser.script(LOW_CONTRAST).asString()).isEmpty();
        try (Browser dark = Browser.start("--blink-settings=preferredColorScheme=0")) {
            dark.open(server.address(""));
            assertThat(dark.script(LOW_CONTRAST).asString()).isEmpty();
        }
    }

    @Test
    void states_narrowWindow_areSaidInWords() throws Exception {
        OpenScope quotes = open("quotes");
        start(quotes, "report", t -> t.withAwaited(false));
        try (Browser narrow = Browser.start("--window-size=500,700")) {
            narrow.open(server.address(""));
            narrow.await("return document.querySelectorAll('.row').length === 2");
            assertThat(narrow.script("return innerWidth < 700").asBoolean()).isTrue();
            // innerText leaves out what display: none hides from all, those who listen included.
            assertThat(narrow.script("return document.querySelectorAll('.row')[1].innerText.replace(/\\s+/g, ' ')")
                            .asString())
                    .contains("running", "background");
            // A mark of its own for each state, since colour alone does not tell them apart.
            assertThat(narrow.script("return document.querySelectorAll('.state')[1].getBoundingClientRect().width")
                            .asDouble())
                    .isGreaterThan(8);
        }
    }

    @Test
    void colours_bySystem_areDarkOrLight() throws Exception {
        String background = "return getComputedStyle(document.body).backgroundColor";
        browser.open(server.address(""));
        assertThat(browser.script(background).asString()).isEqualTo("rgb(252, 252, 251)");
        try (Browser dark = Browser.start("--blink-settings=preferredColorScheme=0")) {
            dark.open(server.address(""));
            assertThat(dark.script(background).asString()).isEqualTo("rgb(19, 23, 26)");
        }
    }

    /** One millisecond later than the one before, since that is their order. */
    private OpenScope open(String name) {
        server.clock().advance(Duration.ofMillis(1));
        return server.scopes().openShared(name);
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

    private static void awaitRows(String... rows) {
        browser.await(ROWS + " === arguments[0]", String.join("\n", rows));
    }
}
