// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import io.traio.ScopeFactory;
import io.traio.ScopeInterruptedException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Queries the endpoint over HTTP while very many tasks are live: how long that takes, and how it slows spawning. */
final class EndpointLoad {

    private static final long POLL_MILLIS = 500;
    private static final long SLICE_NANOS = 1_000_000_000;

    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpRequest request;
    private final Peer peer;
    private volatile boolean polling;

    private EndpointLoad(ConfigurableApplicationContext application) {
        String port = application.getEnvironment().getRequiredProperty("local.server.port");
        request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/scopes"))
                .header("Accept", "application/json")
                .build();
        peer = new Traio(application.getBean(ScopeFactory.class));
    }

    static Markdown table(Options options, Owner owner) throws Exception {
        int live = options.parked();
        Markdown table = new Markdown(
                List.of(String.format(Locale.ROOT, "GET /actuator/scopes, %,d live tasks", live), "measured"));
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
                .properties(
                        "server.port=0",
                        "management.endpoints.web.exposure.include=scopes",
                        "spring.main.banner-mode=off",
                        "spring.main.log-startup-info=false")
                .run()) {
            EndpointLoad load = new EndpointLoad(application);
            Thread parked = load.park(application.getBean(ScopeFactory.class), live);
            table.row(List.of("milliseconds", load.millis(options).toString(1)));
            table.row(List.of(
                    "fan-out to 100 tasks, while queried twice a second, against without",
                    owner.call(() -> load.slowdown(options)).toString(3)));
            parked.interrupt();
            parked.join();
        }
        return table;
    }

    /** Parks many tasks in one scope, whose owner leaves it when interrupted. */
    private Thread park(ScopeFactory scopes, int tasks) throws InterruptedException {
        CountDownLatch spawned = new CountDownLatch(1);
        Thread owner = new Thread(() -> {
            try {
                scopes.run("parked", scope -> {
                    for (int i = 0; i < tasks; i++) {
                        scope.spawn(() -> {
                            while (!Thread.currentThread().isInterrupted()) {
                                LockSupport.park();
                            }
                        });
                    }
                    spawned.countDown();
                });
            } catch (ScopeInterruptedException expected) {
                spawned.countDown();
            }
        });
        owner.start();
        spawned.await();
        return owner;
    }

    private Statistics millis(Options options) throws Exception {
        List<Double> millis = new ArrayList<>();
        for (int round = -options.warmup(); round < options.rounds(); round++) {
            long start = System.nanoTime();
            get();
            if (round >= 0) {
                millis.add((System.nanoTime() - start) / 1e6);
            }
        }
        return Statistics.of(millis);
    }

    private void get() throws Exception {
        HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 200 || !answer.body().contains("\"parked\"")) {
            throw new IllegalStateException("Unexpected status of the answer: " + answer.statusCode());
        }
    }

    private Statistics slowdown(Options options) throws Exception {
        Thread poller = new Thread(this::poll, "poller");
        poller.setDaemon(true);
        poller.start();
        List<Double> ratios = new ArrayList<>();
        int rounds = Math.max(5, options.rounds() / 4);
        for (int round = -2; round < rounds; round++) {
            double quiet = Workload.TASKS_100.nanosPerRun(peer, SLICE_NANOS);
            polling = true;
            double polled = Workload.TASKS_100.nanosPerRun(peer, SLICE_NANOS);
            polling = false;
            if (round >= 0) {
                ratios.add(polled / quiet);
            }
        }
        poller.interrupt();
        return Statistics.of(ratios);
    }

    private void poll() {
        try {
            while (true) {
                Thread.sleep(POLL_MILLIS);
                if (polling) {
                    get();
                }
            }
        } catch (Exception e) {
            if (!(e instanceof InterruptedException)) {
                throw new IllegalStateException("The endpoint does not answer", e);
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
