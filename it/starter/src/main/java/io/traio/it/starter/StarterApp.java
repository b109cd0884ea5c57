// SPDX-License-Identifier: Apache-2.0
package io.traio.it.starter;

import io.traio.Scope;
import io.traio.Task;
import io.traio.spring.boot.inscope.InScope;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web application that is called once, over a socket. Exits with an error if anything is not as it should be. */
@SpringBootApplication
public class StarterApp {

    /**
     * Runs the application.
     *
     * @param args not used
     */
    public static void main(String[] args) throws Exception {
        try (ConfigurableApplicationContext context = SpringApplication.run(
                StarterApp.class, "--server.port=0", "--management.endpoints.web.exposure.include=scopes")) {
            String port = context.getEnvironment().getRequiredProperty("local.server.port");
            check("http.request: flight, hotel", get(port, "/trip"));
            check("prices: 3", get(port, "/price"));
            String scopes = get(port, "/actuator/scopes");
            if (!scopes.contains("\"scopes\"")) {
                throw new AssertionError("no snapshot: " + scopes);
            }
        }
        System.out.println("starter: ok");
    }

    private static String get(String port, String path) throws IOException, InterruptedException {
        URI address = URI.create("http://localhost:" + port + path);
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Accept", "application/json, text/plain;q=0.5")
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        check("200", String.valueOf(response.statusCode()));
        return response.body();
    }

    private static void check(String expected, String actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError("expected \"" + expected + "\", but was \"" + actual + "\"");
        }
    }

    @RestController
    static class Trips {

        private final Scope request;
        private final Prices prices;

        Trips(Scope request, Prices prices) {
            this.request = request;
            this.prices = prices;
        }

        @GetMapping(path = "/trip", produces = "text/plain")
        String trip() {
            Task<String> flight = request.spawn("flight", () -> "flight");
            Task<String> hotel = request.spawn("hotel", () -> "hotel");
            return request.name() + ": " + flight.join() + ", " + hotel.join();
        }

        @GetMapping(path = "/price", produces = "text/plain")
        String price() {
            return prices.sum();
        }
    }

    @Service
    static class Prices {

        @InScope(name = "prices", timeout = "1m")
        String sum() {
            Scope scope = Scope.requireCurrent();
            Task<Integer> one = scope.spawn(() -> 1);
            Task<Integer> two = scope.spawn(() -> 2);
            return scope.name() + ": " + (one.join() + two.join());
        }
    }
}
