// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.ScopeFailedException;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What a Spring Boot Admin server serves with the extension, and what it passes on. */
@ExtendWith(Fleet.Shared.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class AdminServerTest {

    private static Fleet fleet;

    @BeforeAll
    static void start(Fleet shared) {
        fleet = shared;
    }

    @Test
    void extension_onTheClassPath_isInTheSettings() throws Exception {
        String settings = fleet.get("/sba-settings.js").body().replace("\\/", "/");
        assertThat(settings).contains("traio/scopes.js", "traio/scopes.css", "/scopes/**");
    }

    @Test
    void extension_files_areServed() throws Exception {
        HttpResponse<String> script = fleet.get("/extensions/traio/scopes.js");
        assertThat(script.statusCode()).isEqualTo(200);
        assertThat(script.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).contains("javascript"));
        assertThat(script.body()).contains("SBA.use(").doesNotContain("innerHTML", "v-html");
        assertThat(fleet.get("/extensions/traio/scopes.css").statusCode()).isEqualTo(200);
    }

    /** A reload of the view of all instances must not be a 404. */
    @Test
    void address_ofTheView_isServed() throws Exception {
        HttpResponse<String> page = fleet.get("/scopes", "Accept", "text/html");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<div id=\"app\">");
    }

    @Test
    void endpoint_whereExposed_isFound() throws Exception {
        assertThat(endpoints(fleet.app(0))).contains("scopes");
        assertThat(endpoints(fleet.app(1))).contains("scopes");
        assertThat(endpoints(fleet.app(2))).contains("health").doesNotContain("scopes");
    }

    private static Iterable<String> endpoints(Fleet.App app) throws Exception {
        return fleet.json("/instances/" + app.id())
                .get("endpoints")
                .valueStream()
                .map(endpoint -> endpoint.get("id").asString())
                .toList();
    }

    @Test
    void liveScopes_byTheProxy_areThoseOfTheInstance() throws Exception {
        try (OpenScope one = fleet.app(0).scopes().openShared("one");
                OpenScope two = fleet.app(1).scopes().openShared("two")) {
            assertThat(scopes(fleet.app(0), "?limit=100")).contains(one.name()).doesNotContain(two.name());
            assertThat(scopes(fleet.app(1), "?limit=100")).contains(two.name()).doesNotContain(one.name());
        }
    }

    @Test
    void recentScopes_byTheProxy_areThoseOfTheInstance() throws Exception {
        try {
            fleet.app(1).scopes().run("broken", scope -> {
                scope.spawn("alpha", () -> {
                    throw new IllegalStateException("no");
                });
            });
        } catch (ScopeFailedException | IllegalStateException e) {
            // As meant.
        }
        JsonNode recent = fleet.json("/instances/" + fleet.app(1).id() + "/actuator/scopes?view=recent&limit=20");
        assertThat(recent.at("/scopes/0/scope/name").asString()).isEqualTo("broken");
        assertThat(recent.at("/scopes/0/outcome").asString()).isEqualTo("failure");
        assertThat(recent.at("/names/0/name").asString()).isNotEmpty();
    }

    private static Iterable<String> scopes(Fleet.App app, String query) throws Exception {
        return fleet.json("/instances/" + app.id() + "/actuator/scopes" + query)
                .get("scopes")
                .valueStream()
                .map(scope -> scope.get("name").asString())
                .toList();
    }
}
