// SPDX-License-Identifier: Apache-2.0
package io.traio.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.Operators;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class SpawnOrderTest {

    @AutoClose
    private final ScopeFactory scopes = SpawnOrder.factory();

    private final List<String> log = new ArrayList<>();

    @Test
    void spawn_severalTasks_runInOrderBeforeItReturns() {
        scopes.run("import", scope -> {
            scope.spawn("a", () -> log.add("a"));
            log.add("between");
            scope.spawn("b", () -> log.add("b"));
            log.add("end");
        });

        assertThat(log).containsExactly("a", "between", "b", "end");
    }

    @Test
    void spawn_nestedScopes_runDepthFirst() {
        scopes.run("outer", outer -> {
            outer.spawn(
                    "a",
                    () -> scopes.run("inner", inner -> {
                        inner.spawn("a1", () -> log.add("a1"));
                        inner.spawn("a2", () -> log.add("a2"));
                    }));
            outer.spawn("b", () -> log.add("b"));
        });

        assertThat(log).containsExactly("a1", "a2", "b");
    }

    @Test
    void spawn_task_isOnTheThreadOfTheSpawnerInItsScope() {
        Scope inTask = scopes.call("quotes", scope -> {
            Task<Scope> task = scope.spawn(Scope::requireCurrent);
            assertThat(scope.<Thread>await(Thread::currentThread)).isSameAs(Thread.currentThread());
            assertThat(task.status()).isEqualTo(Task.Status.SUCCEEDED);
            assertThat(task.join()).isSameAs(scope);
            return task.join();
        });

        assertThat(inTask.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(Scope.current()).isEmpty();
    }

    @Test
    void spawn_afterAFailure_isRefusedAndTheExitThrowsTheFailure() {
        IllegalStateException failure = new IllegalStateException("boom");

        assertThatThrownBy(() -> scopes.run("import", scope -> {
                    scope.spawn("a", () -> {
                        throw failure;
                    });
                    scope.spawn("b", () -> log.add("b"));
                }))
                .isSameAs(failure);

        assertThat(log).isEmpty();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void spawnToJoin_failure_isTheJoinersAlone() {
        String profile = scopes.call("page", scope -> {
            Task<String> task = scope.spawnToJoin("profile", () -> {
                throw new IllegalArgumentException("no profile");
            });
            try {
                return task.join();
            } catch (IllegalArgumentException e) {
                return "anonymous";
            }
        });

        assertThat(profile).isEqualTo("anonymous");
    }

    @Test
    void race_firstSucceeds_othersNeverStart() {
        String winner = Operators.on(scopes).race(() -> "first", () -> {
            log.add("second");
            return "second";
        });

        assertThat(winner).isEqualTo("first");
        assertThat(log).isEmpty();
    }

    @Test
    void hedge_firstSucceeds_doesNotWait() {
        assertThat(Operators.on(scopes).<String>hedge(Duration.ofDays(1), () -> "first", () -> "second"))
                .isEqualTo("first");
    }

    @Test
    void mapAll_items_areTakenInOrder() {
        List<Integer> lengths = Operators.on(scopes).mapAll(List.of("a", "bb", "ccc"), 2, item -> {
            log.add(item);
            return item.length();
        });

        assertThat(lengths).containsExactly(1, 2, 3);
        assertThat(log).containsExactly("a", "bb", "ccc");
    }

    @Test
    void factory_furtherOptions_hasThem() {
        TestClock clock = new TestClock();
        try (ScopeFactory clocked = SpawnOrder.factory(f -> f.withTimeSource(clock))) {
            clocked.run("quotes", s -> s.withTimeout(Duration.ofSeconds(10)), scope -> {
                scope.spawn("slow", () -> clock.advance(Duration.ofSeconds(4)));
                assertThat(scope.remaining()).contains(Duration.ofSeconds(6));
            });
        }
    }
}
