// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.ScopeFactory;
import io.traio.test.TestClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.util.StringUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Spring Boot application on a free port, with the endpoint exposed over HTTP and a clock that stands still. */
final class ActuatorServer implements AutoCloseable {

    private static final String USER = "alice";
    private static final String PASSWORD = "secret";

    /**
     * WebFlux on Tomcat may interrupt the thread that has just written an answer, and then drops the connection: how many
     * times in a row that may happen.
     */
    private static final int MAX_DROPPED = 10;

    /** A header by which a request to a secured application is let in. */
    static final String[] LOG_IN = {
        "Authorization",
        "Basic " + Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8))
    };

    private final ConfigurableApplicationContext context;

    private ActuatorServer(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** An application without security. */
    static ActuatorServer start(String... properties) {
        return run(List.of(App.class), properties);
    }

    /** An application with a clock that goes. */
    static ActuatorServer startLive(Class<?> application, String... properties) {
        return run(List.of(application), properties);
    }

    /** An application with Spring Security as Boot would set it up, a log-in and CSRF tokens; the user has this role. */
    static ActuatorServer startSecured(String role, String... properties) {
        String[] all = StringUtils.addStringToArray(properties, "test.role=" + role);
        return run(List.of(App.class, Security.class), all);
    }

    private static ActuatorServer run(List<Class<?>> sources, String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.endpoints.web.exposure.include=scopes",
                "--spring.main.banner-mode=off",
                "--logging.level.org=warn",
                "--traio.lifecycle.drain-timeout=0s",
                "--logging.level.io.traio=info"));
        Stream.of(properties).map("--"::concat).forEach(arguments::add);
        SpringApplicationBuilder application = new SpringApplicationBuilder(sources.toArray(Class<?>[]::new));
        return new ActuatorServer(application.run(arguments.toArray(String[]::new)));
    }

    ScopeFactory scopes() {
        return context.getBean(ScopeFactory.class);
    }

    TestClock clock() {
        return context.getBean(TestClock.class);
    }

    int port(String which) {
        return context.getEnvironment().getRequiredProperty("local." + which + ".port", Integer.class);
    }

    /** The address of a path below the endpoint. */
    URI address(String path) {
        return URI.create("http://localhost:" + port("server") + "/actuator/scopes" + path);
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest request = request("GET", address(path), headers);
        for (int left = MAX_DROPPED; ; left--) {
            try {
                return send(request);
            } catch (IOException e) {
                if (left == 0) {
                    throw e;
                }
            }
        }
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(get(path).body());
    }

    HttpResponse<String> delete(Object id, String... headers) throws IOException, InterruptedException {
        return send(request("DELETE", address("/" + id), headers));
    }

    static HttpRequest request(String method, URI address, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    static HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        // A client of its own: the server may have closed a connection that another request left open.
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }

    @Override
    public void close() {
        context.close();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class App {

        @Bean
        TestClock clock() {
            return new TestClock();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableWebSecurity
    static class Security {

        @Bean
        SecurityFilterChain chain(
                HttpSecurity http,
                @Value("${test.spa:false}") boolean spa,
                @Value("${test.policy:default-src 'self'}") String policy)
                throws Exception {
            if (spa) {
                http.csrf(csrf -> csrf.spa());
            }
            http.headers(headers -> headers.contentSecurityPolicy(csp -> csp.policyDirectives(policy)));
            return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .formLogin(Customizer.withDefaults())
                    .build();
        }

        @Bean
        UserDetailsService users(@Value("${test.role}") String role) {
            return new InMemoryUserDetailsManager(User.withUsername(USER)
                    .password("{noop}" + PASSWORD)
                    .roles(role)
                    .build());
        }
    }
}
