// SPDX-License-Identifier: Apache-2.0
package io.traio.test.docs;

import static io.traio.test.assertj.ScopeAssertions.assertThat;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.test.SpawnOrder;
import io.traio.test.TestClock;
import io.traio.test.junit.ScopesExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The code of docs/guide/testing.md: compiled and run here, or in the starter's test of the test clients. */
@ExtendWith(ScopesExtension.class)
class TestingGuideTest {

    private static final Path STARTER =
            Path.of("../traio-spring-boot-starter/src/test/java/io/traio/spring/boot/request/TestClientsTest.java");

    private final List<String> log = new ArrayList<>();

    @ExtendWith(ScopesExtension.class)
    static class Example {

        @ExtendWith(ScopesExtension.class)
        class FareFinderTest {

            @Test
            void cheapest_twoSuppliers_takesTheLowerPrice(ScopeFactory scopes) {
                FareFinder finder = new FareFinder(scopes);

                assertThat(finder.cheapest(List.of(700, 650))).isEqualTo(650);
            }
        }
    }

    record FareFinder(ScopeFactory scopes) {

        int cheapest(List<Integer> prices) {
            return scopes.call(
                    "quotes",
                    scope -> prices.stream().map(price -> scope.spawn(() -> price)).toList().stream()
                            .mapToInt(Task::join)
                            .min()
                            .orElseThrow());
        }
    }

    @Test
    void fareFinder_ofTheGuide_works(ScopeFactory scopes) {
        new Example().new FareFinderTest().cheapest_twoSuppliers_takesTheLowerPrice(scopes);
    }

    @Test
    void search_slowSupplier_timesOut(ScopeFactory scopes, TestClock clock) {
        OpenScope scope = scopes.openShared("quotes", s -> s.withTimeout(ofSeconds(10)));
        Task<Void> slow = scope.spawn("slow", () -> new CountDownLatch(1).await());

        clock.advance(ofSeconds(4));
        assertThat(scope).hasRemaining(ofSeconds(6));

        clock.advance(ofSeconds(6));
        assertThatThrownBy(scope::awaitDone).isInstanceOf(ScopeTimeoutException.class);
        assertThat(slow).isCancelled();
    }

    @Test
    void spawnOrder_runsTasksInOrder() {
        ScopeFactory scopes = SpawnOrder.factory();
        scopes.run("import", scope -> {
            scope.spawn("a", () -> log.add("a"));
            scope.spawn("b", () -> log.add("b"));
        });
        assertThat(log).containsExactly("a", "b");
    }

    @Test
    void assertions_hold(ScopeFactory scopes) throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch running = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("quotes");
        Task<Integer> alpha = scope.spawn("alpha", () -> {
            asked.await();
            return 650;
        });
        OpenScope details = scope.fork().openShared("details");
        details.spawn("hotel", () -> {
            running.countDown();
            asked.await();
        });
        running.await();

        assertThat(scope).isOpen().hasTasks("alpha").hasChildren("details");
        assertThat(scope.snapshot()).child("details").task("hotel").isRunning();

        asked.countDown();
        Task<Integer> beta = scope.spawnToJoin("beta", () -> {
            throw new IOException("unreachable");
        });
        assertThat(alpha).endsWithin(ofSeconds(5)).hasResult(650);
        assertThat(beta).endsWithin(ofSeconds(5)).hasFailureThat().isInstanceOf(IOException.class);
        scope.close();
    }

    @Test
    void guide_everyBlock_isCodeThatIsRun() throws IOException {
        List<String> tested =
                lines(Files.readString(Path.of("src/test/java/io/traio/test/docs/TestingGuideTest.java")));
        tested.addAll(lines(Files.readString(STARTER)));
        // Blank lines and line breaks do not count, nor does what stands between two lines of a block.
        String run = String.join("", tested);
        List<String> blocks = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(Path.of("../docs/guide/testing.md")))
                .results()
                .map(block -> block.group(1))
                .toList();

        assertThat(blocks).hasSize(8).allSatisfy(block -> {
            for (String part : block.split("\n\\s*\n|(?<=;)\n")) {
                assertThat(run).contains(String.join("", lines(part)));
            }
        });
    }

    private static List<String> lines(String code) {
        return code.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.toList());
    }
}
