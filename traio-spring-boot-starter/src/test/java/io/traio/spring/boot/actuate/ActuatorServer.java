// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import io.traio.ScopeFactory;
import io.traio.test.TestClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Spring Boot application on a free port, with the endpoint exposed over HTTP and a clock that stands still. */
final class ActuatorServer implements AutoCloseable {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final ConfigurableApplicationContext context;

    private ActuatorServer(ConfigurableApplicationContext context) {
        this.context = context;
    }

    static ActuatorServer start(String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--management.endpoints.web.exposure.include=scopes",
                "--spring.main.banner-mode=off"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new ActuatorServer(new SpringApplicationBuilder(App.class).run(arguments.toArray(String[]::new)));
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
        return send(request("GET", address(path), headers));
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
        return CLIENT.send(request, BodyHandlers.ofString());
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
}
