// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics;

import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The meters of an application, as Prometheus gets them. */
final class Scrape implements AutoCloseable {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CountDownLatch end = new CountDownLatch(1);
    private final ScopeFactory scopes;

    Scrape() {
        ScopeMetrics metrics = new ScopeMetrics(10);
        metrics.bindTo(registry);
        scopes = ScopeFactory.create(f -> f.withListener(metrics));
    }

    /** A scope with a task fails without being awaited. */
    void fail() {
        OpenScope scope = scopes.openShared("quotes");
        scope.spawn("alpha", () -> {
            throw new IllegalStateException("no");
        });
        await().until(() -> scope.state() == Scope.State.CLOSED);
    }

    /** A cancelled task does not end before this is closed. */
    void straggle() throws InterruptedException {
        OpenScope scope = scopes.openShared("import");
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(
                "deaf",
                () -> {
                    started.countDown();
                    end.await();
                    return null;
                },
                t -> t.withInterruptOnCancel(false).withCancelTimeout(Duration.ofMillis(20)));
        started.await();
        scope.cancel();
    }

    String text() {
        return registry.scrape();
    }

    /** Returns the first group of each match. */
    static Set<String> find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern, Pattern.MULTILINE).matcher(text);
        return matcher.results().map(result -> result.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public void close() {
        end.countDown();
        scopes.close();
    }
}
