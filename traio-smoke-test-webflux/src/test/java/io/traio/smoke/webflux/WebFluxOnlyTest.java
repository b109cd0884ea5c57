// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.webflux;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.util.ClassUtils;

/** An application with WebFlux on Netty, as Boot sets it up: nothing of servlets, and everything behind a log-in. */
@Timeout(120)
class WebFluxOnlyTest {

    private static final String CANCELLABLE = "--management.endpoint.scopes.access=unrestricted";
    private static final Pattern CSRF = Pattern.compile("data-csrf-header=\"([^\"]+)\" data-csrf-token=\"([^\"]+)\"");
    private static final String LOG_IN =
            "Basic " + Base64.getEncoder().encodeToString("alice:secret".getBytes(StandardCharsets.UTF_8));

    @ParameterizedTest
    @ValueSource(strings = {"jakarta.servlet.Servlet", "org.springframework.web.servlet.DispatcherServlet"})
    void classPath_ofWebFlux_lacks(String className) {
        assertThat(ClassUtils.isPresent(className, getClass().getClassLoader())).isFalse();
    }

    @Test
    void endpoint_onNetty_answersInAllForms() throws Exception {
        try (ConfigurableApplicationContext app = run(App.class);
                OpenScope scope = app.getBean(ScopeFactory.class).openShared("quotes")) {
            String id = "/" + scope.id();
            assertThat(get(app, "", "application/json").body()).contains("\"name\":\"quotes\"");
            assertThat(get(app, "", "text/plain").body()).startsWith("quotes (scope " + scope.id() + ") open");
            assertThat(get(app, id, "application/json").body()).contains("\"name\":\"quotes\"");
            assertThat(get(app, id, "text/plain").body()).startsWith("quotes (scope " + scope.id() + ") open");
            assertThat(get(app, "/0", "application/json").statusCode()).isEqualTo(404);
            assertThat(get(app, "", "text/html").body()).startsWith("<!doctype html>");
            assertThat(send(app, "DELETE", id).statusCode()).isIn(403, 405);
        }
    }

    @Test
    void page_readOnly_asksForNoToken() throws Exception {
        try (ConfigurableApplicationContext app = run(App.class)) {
            HttpResponse<String> page = get(app, "", "text/html");
            assertThat(page.body()).contains("data-cancellable=\"false\"", "data-csrf-token=\"\"");
            assertThat(page.headers().allValues("X-Frame-Options")).containsExactly("DENY");
        }
    }

    @Test
    void delete_withTheTokenOfThePage_cancels() throws Exception {
        try (ConfigurableApplicationContext app = run(App.class, CANCELLABLE)) {
            OpenScope scope = app.getBean(ScopeFactory.class).openShared("victim");
            assertThat(send(app, "DELETE", "/" + scope.id()).statusCode()).isEqualTo(403);
            assertThat(scope.isCancelled()).isFalse();

            HttpResponse<String> page = get(app, "", "text/html");
            assertThat(page.body()).contains("data-cancellable=\"true\"");
            Matcher csrf = CSRF.matcher(page.body());
            assertThat(csrf.find()).isTrue();
            String session = page.headers().firstValue("set-cookie").orElseThrow();
            HttpResponse<String> answer =
                    send(app, "DELETE", "/" + scope.id(), csrf.group(1), csrf.group(2), "Cookie", session);
            assertThat(answer.statusCode()).isEqualTo(204);
            assertThat(scope.isCancelled()).isTrue();
        }
    }

    @Test
    void delete_managementPortOfItsOwn_cancelsWithTheToken() throws Exception {
        try (ConfigurableApplicationContext app = run(App.class, CANCELLABLE, "--management.server.port=0")) {
            OpenScope scope = app.getBean(ScopeFactory.class).openShared("victim");
            HttpResponse<String> page = get(app, "", "text/html");
            assertThat(page.headers().allValues("X-Frame-Options")).containsExactly("DENY");
            Matcher csrf = CSRF.matcher(page.body());
            assertThat(csrf.find()).isTrue();
            String session = page.headers().firstValue("set-cookie").orElseThrow();
            HttpResponse<String> answer =
                    send(app, "DELETE", "/" + scope.id(), csrf.group(1), csrf.group(2), "Cookie", session);
            assertThat(answer.statusCode()).isEqualTo(204);
        }
    }

    @Test
    void delete_csrfSwitchedOff_needsNoToken() throws Exception {
        try (ConfigurableApplicationContext app = run(NoCsrf.class, CANCELLABLE)) {
            OpenScope scope = app.getBean(ScopeFactory.class).openShared("victim");
            HttpResponse<String> page = get(app, "", "text/html");
            assertThat(page.body()).contains("data-cancellable=\"true\"", "data-csrf-token=\"\"");
            assertThat(page.headers().allValues("X-Frame-Options")).containsExactly("DENY");
            assertThat(send(app, "DELETE", "/" + scope.id()).statusCode()).isEqualTo(204);
        }
    }

    private static ConfigurableApplicationContext run(Class<?> source, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.endpoints.web.exposure.include=scopes",
                "--spring.security.user.name=alice",
                "--spring.security.user.password=secret",
                "--spring.main.banner-mode=off",
                "--logging.level.root=warn",
                "--traio.lifecycle.drain-timeout=0s"));
        arguments.addAll(List.of(more));
        return new SpringApplication(source).run(arguments.toArray(String[]::new));
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext app, String path, String accept)
            throws IOException, InterruptedException {
        return send(app, "GET", path, "Accept", accept);
    }

    private static HttpResponse<String> send(
            ConfigurableApplicationContext app, String method, String path, String... headers)
            throws IOException, InterruptedException {
        String port = app.getEnvironment().getProperty("local.management.port");
        String server = app.getEnvironment().getRequiredProperty("local.server.port");
        URI address = URI.create("http://localhost:" + (port != null ? port : server) + "/actuator/scopes" + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(method, BodyPublishers.noBody())
                .header("Authorization", LOG_IN);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class App {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class NoCsrf {

        @Bean
        SecurityWebFilterChain chain(ServerHttpSecurity http) {
            return http.csrf(ServerHttpSecurity.CsrfSpec::disable)
                    .headers(ServerHttpSecurity.HeaderSpec::disable)
                    .build();
        }
    }
}
