// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

class ScopesHealthIndicatorTest {

    private final TestClock clock = new TestClock();
    private final ScopeFactory scopes = ScopeFactory.create(options -> options.withTimeSource(clock));
    private final ScopesHealthIndicator indicator = new ScopesHealthIndicator(List.of(scopes));
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void closeAll() {
        end.countDown();
        scopes.close();
    }

    @Test
    void health_nothingLive_isUp() {
        assertThat(indicator.health())
                .isEqualTo(Health.up().withDetail("stragglers", 0).build());
    }

    @Test
    void health_taskBeingCancelled_isUp() throws Exception {
        OpenScope scope = scopes.openShared("slow");
        startDeafTask(scope, "deaf");
        scope.cancel();
        assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    void health_stragglerInARoot_isDownUntilItEnds() throws Exception {
        OpenScope scope = scopes.openShared("slow");
        startDeafTask(scope, "deaf\n");
        scope.cancel();
        clock.advance(Duration.ofSeconds(1));
        Health health = indicator.health();
        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.getDetails()).containsEntry("stragglers", 1).containsEntry("tasks", List.of("deaf\\u000A"));
        end.countDown();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> indicator.health().getStatus().equals(Status.UP));
    }

    @Test
    void health_stragglerInAChild_isDown() throws Exception {
        OpenScope root = scopes.openShared("root");
        OpenScope child = root.fork().openShared("child");
        startDeafTask(root, "keeps the root from ending");
        startDeafTask(child, "deaf");
        child.cancel();
        clock.advance(Duration.ofSeconds(1));
        assertThat(indicator.health().getStatus()).isEqualTo(Status.DOWN);
    }

    @Test
    void health_bodyThatStraggles_isDown() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Thread owner = new Thread(() -> scopes.run("deaf body", scope -> {
            inside.countDown();
            awaitWhateverHappens(end);
        }));
        owner.start();
        inside.await();
        scopes.scopes().get(0).cancel();
        clock.advance(Duration.ofSeconds(1));
        Health health = indicator.health();
        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat(health.getDetails())
                .containsEntry("stragglers", 1)
                .containsEntry("scopes", List.of("deaf body"))
                .doesNotContainKey("tasks");
        end.countDown();
        owner.join();
    }

    private static void awaitWhateverHappens(CountDownLatch latch) {
        boolean done = false;
        while (!done) {
            try {
                latch.await();
                done = true;
            } catch (InterruptedException deaf) {
                // Goes on.
            }
        }
    }

    @Test
    void health_manyStragglers_namesTen() throws Exception {
        OpenScope scope = scopes.openShared("slow");
        for (int i = 0; i < 12; i++) {
            startDeafTask(scope, "deaf" + i);
        }
        scope.cancel();
        clock.advance(Duration.ofSeconds(1));
        Health health = indicator.health();
        assertThat(health.getDetails()).containsEntry("stragglers", 12);
        assertThat((List<?>) health.getDetails().get("tasks")).hasSize(10);
    }

    private void startDeafTask(Scope scope, String name) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn(
                name,
                () -> {
                    started.countDown();
                    end.await();
                    return null;
                },
                t -> t.withInterruptOnCancel(false));
        started.await();
    }
}
