// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;

/** A Spring Boot application on a free port of one of the servers, and a client for it. */
public final class WebServer implements AutoCloseable {

    /** What serves. */
    public enum Kind {
        TOMCAT {
            @Override
            ConfigurableServletWebServerFactory factory() {
                return new TomcatServletWebServerFactory(0);
            }
        },
        JETTY {
            @Override
            ConfigurableServletWebServerFactory factory() {
                return new JettyServletWebServerFactory(0);
            }
        };

        abstract ConfigurableServletWebServerFactory factory();
    }

    private final ServletWebServerApplicationContext context;

    private WebServer(ServletWebServerApplicationContext context) {
        this.context = context;
    }

    /** Starts a server with the beans of a configuration and with properties. */
    public static WebServer start(Kind kind, Class<?> configuration, String... properties) {
        List<String> arguments =
                new ArrayList<>(List.of("--spring.main.banner-mode=off", "--traio.test.server=" + kind));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new WebServer((ServletWebServerApplicationContext)
                new SpringApplicationBuilder(Base.class, configuration).run(arguments.toArray(String[]::new)));
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public URI uri(String path) {
        return URI.create("http://localhost:" + context.getWebServer().getPort() + path);
    }

    public HttpResponse<String> get(String path, String... headers) throws Exception {
        return client().send(request(path, headers), BodyHandlers.ofString());
    }

    public CompletableFuture<HttpResponse<String>> getLater(String path, String... headers) {
        return client().sendAsync(request(path, headers), BodyHandlers.ofString());
    }

    public <T> HttpResponse<T> get(String path, BodyHandler<T> handler) throws Exception {
        return client().send(request(path), handler);
    }

    /** One for each request: the server may have closed a connection that another request left open. */
    private static HttpClient client() {
        return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private HttpRequest request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(30));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    @Override
    public void close() {
        context.close();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Base {

        @Bean
        ConfigurableServletWebServerFactory webServerFactory(@Value("${traio.test.server}") Kind kind) {
            return kind.factory();
        }
    }
}
