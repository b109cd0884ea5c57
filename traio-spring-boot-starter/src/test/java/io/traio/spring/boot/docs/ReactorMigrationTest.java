// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.docs;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Operators;
import io.traio.ScopeFactory;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The code of docs/migration/reactor.md: both sides give the same results. */
@Timeout(60)
class ReactorMigrationTest {

    record Trip(String flight, String hotel) {}

    private final ScopeFactory scopes = ScopeFactory.create();

    @AfterEach
    void close() {
        scopes.close();
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

    private static String slow(String value) throws InterruptedException {
        Thread.sleep(10_000);
        return value;
    }

    private static Mono<String> blocking(Callable<String> call) {
        return Mono.fromCallable(call).subscribeOn(Schedulers.boundedElastic());
    }

    private @Nullable Trip zipped() {
        return Mono.zip(blocking(() -> flight()), blocking(() -> hotel()))
                .map(both -> new Trip(both.getT1(), both.getT2()))
                .block();
    }

    private Trip all() {
        return Operators.on(scopes).all(() -> flight(), () -> hotel(), Trip::new);
    }

    private @Nullable List<String> flatMapped() {
        return Flux.range(1, 5)
                .flatMapSequential(n -> blocking(() -> page(n)), 2)
                .collectList()
                .block();
    }

    private List<String> mapAll() {
        return Operators.on(scopes).mapAll(List.of(1, 2, 3, 4, 5), 2, n -> page(n));
    }

    private @Nullable String firstWithValue() {
        return Mono.firstWithValue(blocking(() -> slow("a")), blocking(() -> "b"))
                .block();
    }

    private String race() {
        return Operators.on(scopes).race(() -> slow("a"), () -> "b");
    }

    private @Nullable String timeoutWithDefault() {
        return blocking(() -> slow("price"))
                .timeout(ofMillis(50), Mono.just("no price"))
                .block();
    }

    private String tryCall() {
        return scopes.tryCall("price", s -> s.withTimeout(ofMillis(50)), scope -> scope.await(() -> slow("price")))
                .orElse("no price");
    }

    @Test
    void bothSides_giveTheSame() {
        assertThat(all()).isEqualTo(zipped()).isEqualTo(new Trip("flight", "hotel"));
        assertThat(mapAll()).isEqualTo(flatMapped()).hasSize(5);
        assertThat(race()).isEqualTo(firstWithValue()).isEqualTo("b");
        assertThat(tryCall()).isEqualTo(timeoutWithDefault()).isEqualTo("no price");
    }
}
