// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import io.traio.test.TestClock;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Root scopes say what they are for. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RootAttributesTest {

    private static ActuatorServer server;

    @BeforeAll
    static void start() {
        server = ActuatorServer.startLive(App.class, "management.endpoint.scopes.show-values=always");
    }

    @AfterAll
    static void stop() {
        Orders.END.countDown();
        server.close();
    }

    @Test
    void request_live_hasMethodPatternAndTraceButNotItsPath() throws Exception {
        JsonNode attributes = rootThatIs("http.request");
        assertThat(attributes.get("http.request.method").asString()).isEqualTo("GET");
        assertThat(attributes.get("http.route").asString()).isEqualTo("/orders/{id}");
        assertThat(attributes.get("traceId").asString()).matches("[0-9a-f]{32}");
        assertThat(server.get("").body()).doesNotContain("4711");
        assertThat(server.get("", "Accept", "text/plain").body()).contains(", GET /orders/{id}, ");
    }

    @Test
    void scheduledMethod_live_isNamed() throws Exception {
        assertThat(rootThatIs("refresh").get("code.function.name").asString())
                .isEqualTo(Orders.class.getName() + ".refresh");
    }

    @Test
    void attributesOfTheApplication_haveValuesInTheDetailOnlyAndIfAllowed() throws Exception {
        JsonNode root = await().until(() -> find("http.request"), found -> found != null);
        assertThat(root.at("/attributes/tenant").asString()).isEqualTo(RootAttributes.HIDDEN);
        JsonNode detail = server.json("/" + root.get("id").asString());
        assertThat(detail.at("/scope/attributes/tenant").asString()).isEqualTo("acme?");
    }

    @Test
    void attributes_ofAnEndedScope_areForgottenButRememberedWithoutValues() {
        RootAttributes attributes = new RootAttributes(
                List.of((root, to) -> {
                    to.accept(RootAttributes.ROUTE, "/orders/{id}");
                    to.accept("tenant", "acme");
                }),
                Show.ALWAYS);
        RecentScopes recent = new RecentScopes(Duration.ZERO, TimeSource.system(), List::of, attributes);
        try (ScopeFactory scopes =
                ScopeFactory.create(f -> f.withListener(recent).withListener(attributes))) {
            OpenScope root = scopes.openShared("root");
            OpenScope child = root.fork().openShared("child");
            assertThat(attributes.of(root.id(), true)).containsEntry("tenant", "acme");
            assertThat(attributes.of(child.id(), true)).isNull();
            child.cancel("test");
            root.close();
            assertThat(attributes.of(root.id(), true)).isNull();
            assertThat(recent.describe(null, 1).scopes().get(0).attributes())
                    .isEqualTo(Map.of(RootAttributes.ROUTE, "/orders/{id}", "tenant", RootAttributes.HIDDEN));
        }
    }

    @Test
    void attributes_ofAScopeThatLeftStragglers_areKeptForThePage() throws Exception {
        RootAttributes attributes = new RootAttributes(List.of((root, to) -> to.accept("tenant", "acme")), Show.ALWAYS);
        TestClock clock = new TestClock();
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (ScopeFactory scopes =
                ScopeFactory.create(f -> f.withTimeSource(clock).withListener(attributes))) {
            OpenScope root = scopes.openShared("root");
            root.spawn(
                    "deaf",
                    () -> {
                        started.countDown();
                        end.await();
                    },
                    t -> t.withInterruptOnCancel(false));
            started.await();
            root.cancel();
            clock.advance(Duration.ofSeconds(2));
            await().until(() -> root.state() == Scope.State.STRAGGLING);
            assertThat(attributes.of(root.id(), true)).containsEntry("tenant", "acme");
            end.countDown();
        }
    }

    @Test
    void attributes_manyAndLong_areCut() {
        RootAttributes attributes = new RootAttributes(
                List.of((root, to) -> {
                    for (int i = 0; i < 20; i++) {
                        to.accept(i + "k".repeat(100), "v".repeat(1_000));
                    }
                }),
                Show.ALWAYS);
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withListener(attributes))) {
            Map<String, String> kept = attributes.of(scopes.openShared("root").id(), true);
            assertThat(kept).hasSize(10).allSatisfy((key, value) -> {
                assertThat(key).hasSizeLessThan(60);
                assertThat(value).hasSizeLessThan(210);
            });
        }
    }

    @Test
    void traceLink_isAnAddressWithPlaceholder() {
        assertThat(new ScopesPage(false, "https://traces.example/t/{traceId}").render(null))
                .contains("data-trace-link=\"https://traces.example/t/{traceId}\"");
        assertThatIllegalArgumentException().isThrownBy(() -> new ScopesPage(false, "javascript:alert('{traceId}')"));
        assertThatIllegalArgumentException().isThrownBy(() -> new ScopesPage(false, "https://traces.example"));
    }

    private static JsonNode rootThatIs(String name) {
        return await().atMost(Duration.ofSeconds(30))
                .until(() -> find(name), found -> found != null)
                .get("attributes");
    }

    private static JsonNode find(String name) throws Exception {
        for (JsonNode root : server.json("").get("scopes")) {
            if (root.get("name").asString().equals(name)) {
                return root;
            }
        }
        if (name.equals("http.request") && Orders.ASKED.getCount() > 0) {
            Orders.ASKED.countDown();
            URI order = server.address("").resolve("/orders/4711?secret=4711");
            HttpClient.newHttpClient().sendAsync(ActuatorServer.request("GET", order), BodyHandlers.ofString());
        }
        return null;
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @EnableScheduling
    @Import(Orders.class)
    static class App {

        @Bean
        Tenants tenants() {
            return () -> "acme\n";
        }

        // As in docs/guide/live-page.md.
        @Bean
        ScopeAttributesContributor tenant(Tenants tenants) {
            return (root, attributes) -> attributes.accept("tenant", tenants.current());
        }
    }

    interface Tenants {

        String current();
    }

    @RestController
    static class Orders {

        static final CountDownLatch ASKED = new CountDownLatch(1);
        static final CountDownLatch END = new CountDownLatch(1);

        private final ScopeFactory scopes;

        Orders(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        @GetMapping("/orders/{id}")
        String order(@PathVariable String id) throws InterruptedException {
            Scope.requireCurrent();
            END.await();
            return id;
        }

        @Scheduled(fixedDelay = 1, timeUnit = TimeUnit.HOURS)
        void refresh() {
            scopes.run("refresh", scope -> END.await());
        }
    }
}
