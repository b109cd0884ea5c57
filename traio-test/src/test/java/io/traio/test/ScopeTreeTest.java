// SPDX-License-Identifier: Apache-2.0
package io.traio.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ScopeTreeTest {

    private final TestClock clock = new TestClock();

    @AutoClose
    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(clock));

    private final CountDownLatch running = new CountDownLatch(2);

    private void blocked() throws InterruptedException {
        running.countDown();
        new CountDownLatch(1).await();
    }

    @Test
    void of_tasksAndChildren_areDrawnBelowTheirScope() throws InterruptedException {
        OpenScope quotes = scopes.openShared("quotes", s -> s.withTimeout(Duration.ofSeconds(10)));
        quotes.spawn("alpha", this::blocked, t -> t.withAwaited(false));
        quotes.fork().openShared("details").spawn("hotel", this::blocked);
        running.await();
        clock.advance(Duration.ofMillis(1_500));

        String tree =
                ScopeTree.of(quotes.snapshot()).replaceAll("\\d+\\)", "N)").replaceAll(", thread .*", "");

        assertThat(tree).isEqualTo("""
                        quotes (scope N) open 1.5 s, 8.5 s left
                        ├── alpha (task N) running 1.5 s, background
                        └── details (scope N) open 1.5 s, 8.5 s left
                            └── hotel (task N) running 1.5 s""");
    }

    @Test
    void of_dump_hasTheInnermostCalls() throws InterruptedException {
        OpenScope quotes = scopes.openShared("quotes");
        quotes.spawn("alpha", this::blocked);
        quotes.spawn("beta", this::blocked);
        running.await();

        String tree = ScopeTree.of(quotes.dump());

        assertThat(tree.lines().filter(line -> line.contains("│     at "))).hasSizeBetween(1, 8);
        assertThat(tree).contains("  at " + ScopeTreeTest.class.getName() + ".blocked(");
    }

    @Test
    void of_noScopes_isEmpty() {
        assertThat(ScopeTree.of(List.of())).isEmpty();
    }
}
