// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The endpoint on a port and path of its own. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ScopesEndpointManagementPortTest {

    @ParameterizedTest
    @ValueSource(strings = {"servlet", "reactive"})
    void endpoint_onAnotherPortAndPath_isThereAndNowhereElse(String webApplicationType) throws Exception {
        try (ActuatorServer server = ActuatorServer.start(
                "spring.main.web-application-type=" + webApplicationType,
                // Tomcat's and Jetty's beans for the second port have one name.
                "spring.main.allow-bean-definition-overriding=true",
                "management.server.port=0",
                "management.server.base-path=/admin",
                "management.endpoints.web.base-path=/ops",
                "management.endpoints.web.path-mapping.scopes=live",
                "management.endpoint.scopes.access=unrestricted")) {
            OpenScope scope = server.scopes().openShared("quotes");
            URI there = URI.create("http://localhost:" + server.port("management") + "/admin/ops/live");
            assertThat(server.get("").statusCode()).isEqualTo(404);
            assertThat(send("GET", there, "application/json").body()).contains("\"quotes\"");
            assertThat(send("GET", there, "text/plain").body()).startsWith("quotes (scope ");
            assertThat(send("GET", there, "text/html").body()).contains("data-cancellable=\"true\"");
            assertThat(send("DELETE", URI.create(there + "/" + scope.id()), "*/*")
                            .statusCode())
                    .isEqualTo(204);
            assertThat(scope.isCancelled()).isTrue();
        }
    }

    private static HttpResponse<String> send(String method, URI address, String accept) throws Exception {
        return ActuatorServer.send(ActuatorServer.request(method, address, "Accept", accept));
    }
}
