// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static java.time.Duration.ofMillis;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.traio.OpenScope;
import io.traio.Operators;
import io.traio.ScopeFactory;
import io.traio.ScopePolicy;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.spi.ContextPropagator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The code of docs/migration/structured-task-scope.md: traio's side here, the JDK's in {@code src/test/jdk25}. On JDK 25,
 * both give the same results.
 */
@Timeout(120)
class StructuredTaskScopeMigrationTest {

    /** What {@code JdkExamples.main} prints. */
    private static final List<String> RESULTS =
            List.of("Page[user=ada, orders=3]", "asia", "[a, b]", "[a, c]", "[b, b]", "too late", "down", "ada", "4");

    record Page(String user, int orders) {}

    private static final ThreadLocal<@Nullable String> USER = new ThreadLocal<>();

    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withPropagator(carry(USER)));

    private static ContextPropagator carry(ThreadLocal<@Nullable String> local) {
        return () -> {
            String captured = local.get();
            return () -> {
                local.set(captured);
                return local::remove;
            };
        };
    }

    @AfterEach
    void close() {
        scopes.close();
    }

    private static String findUser() {
        return "ada";
    }

    private static int countOrders() {
        return 3;
    }

    private Page page() {
        return scopes.call("page", scope -> {
            Task<String> user = scope.spawn("user", () -> findUser());
            Task<Integer> orders = scope.spawn("orders", () -> countOrders());
            return new Page(user.join(), orders.join());
        });
    }

    private <T> T first(List<Callable<T>> mirrors) {
        return Operators.on(scopes).race(mirrors);
    }

    private <T> List<T> all(List<Callable<T>> tasks) {
        return Operators.on(scopes).all(tasks);
    }

    private <T> List<T> successes(List<Callable<T>> tasks) {
        List<Task<T>> spawned = new ArrayList<>();
        scopes.run("successes", s -> s.withPolicy(ScopePolicy.awaitAll()), scope -> {
            tasks.forEach(task -> spawned.add(scope.spawn(task)));
        });
        return spawned.stream()
                .filter(task -> task.status() == Task.Status.SUCCEEDED)
                .map(Task::join)
                .toList();
    }

    private <T> List<T> firstTwo(List<Callable<T>> tasks) {
        Queue<T> results = new ConcurrentLinkedQueue<>();
        scopes.run("first two", s -> s.withPolicy(ScopePolicy.allUntil(task -> results.size() >= 2)), scope -> {
            tasks.forEach(task -> scope.spawn(() -> results.add(task.call())));
        });
        return List.copyOf(results);
    }

    private String inTime(Callable<String> task) {
        try {
            return scopes.call("report", s -> s.withTimeout(ofMillis(200)), scope -> scope.await("report", task));
        } catch (ScopeTimeoutException e) {
            return "too late";
        }
    }

    private String inTimeOrElse(Callable<String> task) {
        return scopes.tryCall("report", s -> s.withTimeout(ofMillis(200)), scope -> scope.await("report", task))
                .orElse("too late");
    }

    private String handled() {
        try {
            scopes.run("check", scope -> {
                scope.spawn("service", () -> {
                    throw new IllegalStateException("down");
                });
            });
            return "up";
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    private String inherited() {
        USER.set("ada");
        try {
            return scopes.call("request", scope -> {
                Task<String> user = scope.spawn("user", () -> USER.get());
                return user.join();
            });
        } finally {
            USER.remove();
        }
    }

    private int nested() {
        return Operators.on(scopes)
                .all(
                        () -> all(List.of(() -> 1, () -> 2)),
                        () -> all(List.of(() -> 3, () -> 4)),
                        (left, right) -> left.size() + right.size());
    }

    private static <T> T slow(T value) throws InterruptedException {
        Thread.sleep(60_000);
        return value;
    }

    private static <T> T down() {
        throw new IllegalStateException("down");
    }

    @Test
    void traioSide_givesTheResults() {
        List<Object> results = List.of(
                page(),
                first(List.<Callable<String>>of(() -> slow("europe"), () -> "asia")),
                all(List.<Callable<String>>of(() -> "a", () -> "b")),
                successes(List.<Callable<String>>of(() -> "a", () -> down(), () -> "c")),
                firstTwo(List.<Callable<String>>of(() -> slow("a"), () -> "b", () -> "b")),
                inTime(() -> slow("report")),
                handled(),
                inherited(),
                nested());
        assertThat(results).map(Object::toString).isEqualTo(RESULTS);
        assertThat(inTimeOrElse(() -> slow("report"))).isEqualTo("too late");
    }

    /** Each preview has an interface of its own: that of 25 is the one on the page. */
    @Test
    void jdkSide_onJdk25_givesTheSameResults() throws IOException, InterruptedException {
        assumeTrue(Runtime.version().feature() == 25, "the examples are for the preview of JDK 25");
        Process program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-preview",
                        "--source",
                        "25",
                        "src/test/jdk25/JdkExamples.java")
                .redirectErrorStream(true)
                .start();
        String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(program.waitFor(60, SECONDS)).isTrue();
        // The compiler notes that previews are used.
        assertThat(printed.lines().filter(line -> !line.startsWith("Note: "))).containsExactlyElementsOf(RESULTS);
    }

    // ---- a server, whose scope has no result ----

    @Test
    void connections_failOneByOne() {
        Queue<String> served = new ConcurrentLinkedQueue<>();
        OpenScope connections = scopes.openShared("connections", s -> s.withTaskDefaults(t -> t.withBubble(false)));
        for (String client : List.of("1", "2")) {
            connections.spawn("client-" + client, () -> served.add(client));
        }
        connections.complete();
        connections.awaitDone();
        assertThat(served).containsExactlyInAnyOrder("1", "2");
    }
}
