// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.StringUtils;

/** The endpoint where Spring Security watches over it, and who gets to see stack traces. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ScopesEndpointSecurityTest {

    private static final String CANCELLABLE = "management.endpoint.scopes.access=unrestricted";
    private static final String TASK = "supplier-a";
    private static final String CALL = "io.traio.spring.boot.endpoint.ScopesEndpointSecurityTest.";
    private static final Pattern CSRF = Pattern.compile("data-csrf-header=\"([^\"]+)\" data-csrf-token=\"([^\"]+)\"");

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void delete_withTheTokenOfThePage_cancelsAndLogsTheUser(CapturedOutput output) throws Exception {
        try (ActuatorServer server = ActuatorServer.startSecured("USER", CANCELLABLE)) {
            OpenScope scope = server.scopes().openShared("victim");
            assertThat(server.get("").statusCode()).isEqualTo(401);
            // 403, but the page that says so needs a log-in of its own.
            assertThat(server.delete(scope.id(), ActuatorServer.LOG_IN).statusCode())
                    .isIn(401, 403);
            assertThat(scope.isCancelled()).isFalse();

            HttpResponse<String> page = server.get("", and(ActuatorServer.LOG_IN, "Accept", "text/html"));
            Matcher csrf = CSRF.matcher(page.body());
            assertThat(csrf.find()).isTrue();
            String session = page.headers().firstValue("set-cookie").orElseThrow();
            HttpResponse<String> answer = server.delete(
                    scope.id(), and(ActuatorServer.LOG_IN, csrf.group(1), csrf.group(2), "Cookie", session));
            assertThat(answer.statusCode()).isEqualTo(204);
            assertThat(scope.isCancelled()).isTrue();
            assertThat(output).containsPattern("Cancelling scope " + scope.id() + " .*victim.* by alice");
        }
    }

    @Test
    void page_answersMayBeCached_isOfItsUser() throws Exception {
        try (ActuatorServer server =
                ActuatorServer.startSecured("USER", CANCELLABLE, "management.endpoint.scopes.cache.time-to-live=1h")) {
            HttpResponse<String> one = server.get("", and(ActuatorServer.LOG_IN, "Accept", "text/html"));
            HttpResponse<String> other = server.get("", and(ActuatorServer.LOG_IN, "Accept", "text/html"));
            assertThat(token(one)).isNotEmpty().isNotEqualTo(token(other));
            assertThat(other.headers().allValues("X-Frame-Options")).containsExactly("DENY");
            assertThat(other.headers().firstValue("Cache-Control")).hasValue("no-store");
        }
    }

    @Test
    void page_strictPolicyOfTheApplication_bringsItsOwn() throws Exception {
        try (ActuatorServer server = ActuatorServer.startSecured("USER")) {
            assertThat(server.get("", ActuatorServer.LOG_IN).headers().allValues("Content-Security-Policy"))
                    .containsExactly("default-src 'self'");
            HttpResponse<String> page = server.get("", and(ActuatorServer.LOG_IN, "Accept", "text/html"));
            assertThat(page.headers().allValues("Content-Security-Policy"))
                    .singleElement()
                    .asString()
                    .contains("script-src 'sha256-", "style-src 'sha256-")
                    .doesNotContain("unsafe");
        }
    }

    private static String token(HttpResponse<String> page) {
        Matcher csrf = CSRF.matcher(page.body());
        assertThat(csrf.find()).isTrue();
        return csrf.group(2);
    }

    @Test
    void page_readOnly_asksForNoToken() throws Exception {
        try (ActuatorServer server = ActuatorServer.startSecured("USER")) {
            HttpResponse<String> page = server.get("", and(ActuatorServer.LOG_IN, "Accept", "text/html"));
            assertThat(page.body()).contains("data-csrf-token=\"\"");
        }
    }

    @Test
    void page_requestOfWebFluxUnknown_offersNoCancelling() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            ReactiveScopesEndpointWebExtension extension = new ReactiveScopesEndpointWebExtension(
                    new ScopesEndpoint(List.of(scopes), Show.NEVER),
                    Show.NEVER,
                    Set.of(),
                    /* cancellable= */ true,
                    null);
            assertThat(extension.page(PageFormat.HTML).block()).contains("data-cancellable=\"false\"");
        }
    }

    @Test
    void stacks_whenAuthorized_areShownToWhoIsLoggedIn() throws Exception {
        try (ActuatorServer server = ActuatorServer.startSecured(
                "ADMIN",
                "management.endpoint.scopes.show-stacks=when-authorized",
                "management.endpoint.scopes.roles=ADMIN")) {
            String scope = "/" + openWithTask(server.scopes()).id();
            assertThat(server.get("", ActuatorServer.LOG_IN).body())
                    .contains(TASK)
                    .doesNotContain(CALL);
            assertThat(server.get(scope, ActuatorServer.LOG_IN).body()).contains(TASK, CALL);
            assertThat(server.get(scope, and(ActuatorServer.LOG_IN, "Accept", "text/plain"))
                            .body())
                    .contains(TASK, "  at " + CALL);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NEVER,, USER, false",
        "NEVER,,, false",
        "ALWAYS, ADMIN, USER, true",
        "ALWAYS,,, true",
        "WHEN_AUTHORIZED,, USER, true",
        "WHEN_AUTHORIZED,,, false",
        "WHEN_AUTHORIZED, ADMIN, USER, false",
        "WHEN_AUTHORIZED, ADMIN, ADMIN, true",
        "WHEN_AUTHORIZED, ADMIN,, false",
    })
    void stacks_byProperty_areShown(Show show, String required, String role, boolean shown) throws Exception {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            ScopesEndpointWebExtension extension = new ScopesEndpointWebExtension(
                    new ScopesEndpoint(List.of(scopes), show),
                    show,
                    required == null ? Set.of() : Set.of(required),
                    /* cancellable= */ false,
                    null);
            String id = Long.toString(openWithTask(scopes).id());
            String text = extension.scopeText(new User(role), id).getBody();
            assertThat(text).contains(TASK);
            assertThat(text.contains(CALL)).isEqualTo(shown);
            assertThat(extension.scope(new User(role), id).getBody().toString().contains(CALL))
                    .isEqualTo(shown);
        }
    }

    private static Scope openWithTask(ScopeFactory scopes) throws InterruptedException {
        OpenScope scope = scopes.openShared("quotes");
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(TASK, () -> {
            started.countDown();
            new CountDownLatch(1).await();
            return null;
        });
        started.await();
        return scope;
    }

    /** A user with one role, or no user. */
    private record User(String role) implements SecurityContext {

        @Override
        public Principal getPrincipal() {
            return role == null ? null : () -> "alice";
        }

        @Override
        public boolean isUserInRole(String asked) {
            return asked.equals(role);
        }
    }

    private static String[] and(String[] headers, String... more) {
        return StringUtils.concatenateStringArrays(headers, more);
    }
}
