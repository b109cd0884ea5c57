// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static java.time.Duration.ofMillis;
import static java.util.concurrent.CompletableFuture.supplyAsync;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Operators;
import io.traio.ScopeFactory;
import io.traio.Task;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code of docs/migration/completable-future.md: both sides give the same results. */
@Timeout(60)
class CompletableFutureMigrationTest {

    record Trip(String flight, String hotel) {}

    private final ScopeFactory scopes = ScopeFactory.create();
    private final ExecutorService pool = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        scopes.close();
        pool.shutdownNow();
    }

    private static String flight() {
        return "flight";
    }

    private static String hotel() {
        return "hotel";
    }

    private static String page(int number) {
        return "page " + number;
    }

    private static String slow(String value) {
        try {
            Thread.sleep(10_000);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
        return value;
    }

    private static String down() {
        throw new IllegalStateException("down");
    }

    private Trip combinedByFutures() {
        return supplyAsync(() -> flight(), pool)
                .thenCombine(supplyAsync(() -> hotel(), pool), Trip::new)
                .join();
    }

    private Trip combined() {
        return Operators.on(scopes).all(() -> flight(), () -> hotel(), Trip::new);
    }

    private List<String> allByFutures(List<Integer> numbers) {
        List<CompletableFuture<String>> pages =
                numbers.stream().map(n -> supplyAsync(() -> page(n), pool)).toList();
        CompletableFuture.allOf(pages.toArray(CompletableFuture[]::new)).join();
        return pages.stream().map(CompletableFuture::join).toList();
    }

    private List<String> all(List<Integer> numbers) {
        return Operators.on(scopes).mapAll(numbers, 10, n -> page(n));
    }

    private Object anyByFutures() {
        return CompletableFuture.anyOf(supplyAsync(() -> slow("a"), pool), supplyAsync(() -> "b", pool))
                .join();
    }

    private String any() {
        return Operators.on(scopes).race(() -> slow("a"), () -> "b");
    }

    private String orDefaultByFutures() {
        return supplyAsync(() -> slow("price"), pool)
                .completeOnTimeout("no price", 50, MILLISECONDS)
                .join();
    }

    private String orDefault() {
        return scopes.tryCall(
                        "price", s -> s.withTimeout(ofMillis(50)), scope -> scope.await("price", () -> slow("price")))
                .orElse("no price");
    }

    private String recoveredByFutures() {
        return supplyAsync(() -> down(), pool).exceptionally(e -> "anonymous").join();
    }

    private String recovered() {
        return scopes.call("profile", scope -> {
            try {
                return scope.await("profile", () -> down());
            } catch (IllegalStateException e) {
                return "anonymous";
            }
        });
    }

    private String stagesByFutures() {
        return supplyAsync(() -> flight(), pool)
                .thenApply(String::toUpperCase)
                .thenCompose(name -> supplyAsync(() -> name + "!", pool))
                .join();
    }

    private String steps() {
        return scopes.call("booking", scope -> {
            Task<String> booking = scope.spawn("flight", () -> {
                String name = flight().toUpperCase();
                return name + "!";
            });
            return booking.join();
        });
    }

    private String orDefaultOfAFuture() {
        return scopes.call("price", scope -> {
            CompletableFuture<String> price =
                    scope.spawn("price", () -> slow("price")).toCancellingFuture();
            return price.completeOnTimeout("no price", 50, MILLISECONDS).join();
        });
    }

    private CompletableFuture<String> asFuture() {
        CompletableFuture<String> future = new CompletableFuture<>();
        scopes.run("flight", scope -> {
            scope.spawn("flight", () -> flight()).toCompletableFuture().thenAccept(future::complete);
        });
        return future;
    }

    @Test
    void bothSides_giveTheSame() {
        assertThat(combined()).isEqualTo(combinedByFutures()).isEqualTo(new Trip("flight", "hotel"));
        assertThat(all(List.of(1, 2))).isEqualTo(allByFutures(List.of(1, 2))).containsExactly("page 1", "page 2");
        assertThat(any()).isEqualTo(anyByFutures()).isEqualTo("b");
        assertThat(orDefault()).isEqualTo(orDefaultByFutures()).isEqualTo("no price");
        assertThat(recovered()).isEqualTo(recoveredByFutures()).isEqualTo("anonymous");
        assertThat(steps()).isEqualTo(stagesByFutures()).isEqualTo("FLIGHT!");
        assertThat(orDefaultOfAFuture()).isEqualTo("no price");
        assertThat(asFuture()).isCompletedWithValue("flight");
    }
}
