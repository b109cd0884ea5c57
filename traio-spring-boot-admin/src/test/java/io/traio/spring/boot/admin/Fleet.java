// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.admin;

import de.codecentric.boot.admin.server.config.EnableAdminServer;
import io.traio.ScopeFactory;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Spring Boot Admin server and three applications that register with it, each on a free port. The server is one for
 * servlets, or with {@code -Dtraio.test.admin=reactive} one with WebFlux on Netty.
 */
final class Fleet implements AutoCloseable {

    private final HttpClient client = HttpClient.newHttpClient();
    private final ConfigurableApplicationContext server;
    private final List<App> apps = new ArrayList<>();

    private Fleet() {
        // Tests have one class path, so the server has the starter, too.
        this.server = new SpringApplicationBuilder(Server.class)
                .run(arguments(
                        "--spring.main.web-application-type=" + System.getProperty("traio.test.admin", "servlet")));
    }

    /** Starts two instances of {@code quotes}, and one of {@code orders}, which does not expose the endpoint. */
    private static Fleet start() {
        Fleet fleet = new Fleet();
        try {
            for (String name : List.of("quotes", "quotes", "orders")) {
                fleet.apps.add(App.start(name, fleet.address("")));
            }
            for (App app : fleet.apps) {
                app.id = fleet.awaitInstance(app);
            }
        } catch (RuntimeException e) {
            fleet.close();
            throw e;
        }
        return fleet;
    }

    /** Returns one of the three instances. */
    App app(int index) {
        return apps.get(index);
    }

    /** Returns the address of a path of the server. */
    URI address(String path) {
        return URI.create("http://127.0.0.1:" + port(server) + path);
    }

    HttpResponse<String> get(String path, String... headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address(path)).timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    JsonNode json(String path) throws IOException {
        return JsonMapper.shared()
                .readTree(get(path, "Accept", "application/json").body());
    }

    /** Waits until the server knows an application and its endpoints. Returns its id there. */
    private String awaitInstance(App app) {
        String port = ":" + port(app.context) + "/";
        return Awaitility.await(app.name)
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> json("/instances")
                                .valueStream()
                                .filter(i -> i.at("/registration/serviceUrl")
                                        .asString()
                                        .contains(port))
                                .filter(i ->
                                        i.at("/statusInfo/status").asString().equals("UP"))
                                .filter(i -> i.at("/endpoints").valueStream().anyMatch(e -> isHealth(e)))
                                .map(i -> i.get("id").asString())
                                .findFirst(),
                        found -> found.isPresent())
                .orElseThrow();
    }

    private static boolean isHealth(JsonNode endpoint) {
        return endpoint.get("id").asString().equals("health");
    }

    private static int port(ConfigurableApplicationContext context) {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static String[] arguments(String... more) {
        return Stream.concat(
                        Stream.of(
                                "--server.port=0",
                                "--server.address=127.0.0.1",
                                "--server.shutdown=immediate",
                                "--spring.main.banner-mode=off",
                                "--spring.thymeleaf.check-template-location=false",
                                "--logging.level.root=error"),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    @Override
    public void close() {
        apps.forEach(App::close);
        server.close();
    }

    /** An instance. */
    static final class App {

        private final String name;
        private final ConfigurableApplicationContext context;
        private String id = "";

        private App(String name, ConfigurableApplicationContext context) {
            this.name = name;
            this.context = context;
        }

        private static App start(String name, URI server) {
            String exposed = name.equals("quotes") ? "health,scopes" : "health";
            ConfigurableApplicationContext context = new SpringApplicationBuilder(Instance.class)
                    .run(arguments(
                            "--spring.application.name=" + name,
                            "--spring.boot.admin.client.url=" + server,
                            "--management.endpoints.web.exposure.include=" + exposed,
                            "--management.endpoint.scopes.access=unrestricted",
                            "--traio.lifecycle.drain-timeout=0s"));
            return new App(name, context);
        }

        /** Returns the id that the server has given it. */
        String id() {
            return id;
        }

        ScopeFactory scopes() {
            return context.getBean(ScopeFactory.class);
        }

        /** Whether it answers requests of the endpoint with 401. */
        void setLocked(boolean locked) {
            context.getBean(Lock.class).locked.set(locked);
        }

        void close() {
            context.close();
        }
    }

    /** Gives all test classes the same fleet, since it takes seconds to start. It is closed after the last one. */
    static final class Shared implements ParameterResolver {

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Fleet.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(Namespace.create(Fleet.class))
                    .computeIfAbsent(Fleet.class, key -> Fleet.start());
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @EnableAdminServer
    static class Server {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Instance {

        @Bean
        Lock lock() {
            return new Lock();
        }

        @Bean
        Filter locked(Lock lock) {
            return (request, response, chain) -> {
                String path = ((HttpServletRequest) request).getRequestURI();
                if (lock.locked.get() && path.startsWith("/actuator/scopes")) {
                    ((HttpServletResponse) response).sendError(HttpServletResponse.SC_UNAUTHORIZED);
                } else {
                    chain.doFilter(request, response);
                }
            };
        }
    }

    static final class Lock {

        private final AtomicBoolean locked = new AtomicBoolean();
    }
}
