// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;

/** Each form of spawn, await and trySpawn: with and without a result, a name and options. */
@Spec("T1")
class SpawnFormsTest {

    private final AtomicInteger ran = new AtomicInteger();

    private void act() {
        ran.incrementAndGet();
    }

    @EngineTest
    void await_withOptions_passesThemOn(ScopeFactory scopes) {
        int value = scopes.call("run", scope -> {
            scope.await("action", this::act);
            scope.await("action", this::act, t -> t.withAwaited(false), t -> t.withBubble(false));
            return scope.await("task", () -> ran.incrementAndGet(), t -> t.withAwaited(false));
        });

        assertThat(value).isEqualTo(3);
    }

    @EngineTest
    void trySpawn_eachForm_runs(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThat(scope.trySpawn("task", () -> ran.incrementAndGet())).isPresent();
            assertThat(scope.trySpawn("action", this::act)).isPresent();
            assertThat(scope.trySpawn("options", this::act, t -> t.withBubble(false)))
                    .hasValueSatisfying(
                            task -> assertThat(task.options().bubble()).isFalse());
        });

        assertThat(ran).hasValue(3);
    }

    @EngineTest
    void spawn_withoutAName_takesOptions(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThat(scope.spawn(() -> ran.incrementAndGet(), t -> t.withBubble(false))
                            .options()
                            .bubble())
                    .isFalse();
            assertThat(scope.spawn(this::act, t -> t.withMaster(false)).options())
                    .isEqualTo(TaskOptions.DEFAULT);
        });

        assertThat(ran).hasValue(2);
    }

    @EngineTest
    void spawnToJoin_eachForm_isToJoin(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThat(scope.spawnToJoin("task", () -> 1).options().toJoin()).isTrue();
            assertThat(scope.spawnToJoin("task", () -> 1, t -> t.withAwaited(false))
                            .options())
                    .isEqualTo(TaskOptions.DEFAULT.withToJoin(true).withAwaited(false));
            assertThat(scope.spawnToJoin("action", this::act).options().toJoin())
                    .isTrue();
        });
    }

    /** More than a scope keeps: the rest is logged at once, and none is lost. */
    @EngineTest(on = EngineTest.Threads.DEFAULT)
    void spawnToJoin_veryManyFailAndNobodyJoins_noneIsLost(Harness harness) {
        LogCapture log = new LogCapture();
        int count = 1_100;
        OpenScope scope = harness.scopes(f -> f.withLogger(log.logger())).openShared("shared");
        for (int i = 0; i < count; i++) {
            Task<?> task = scope.spawnToJoin("failing", () -> {
                throw new IllegalStateException("failed");
            });
            Blocking.until("it has ended", task::isDone);
            if (i < 10) {
                assertThatThrownBy(task::join).hasMessage("failed");
            }
        }
        scope.complete();

        assertThatThrownBy(scope::awaitDone).hasMessage("failed").satisfies(failure -> {
            long thrown = 1
                    + java.util.Arrays.stream(failure.getSuppressed())
                            .filter(IllegalStateException.class::isInstance)
                            .count();
            assertThat(thrown).isEqualTo(32);
        });
        assertThat(log.messages(ch.qos.logback.classic.Level.WARN))
                .filteredOn(message -> message.contains("no joiner"))
                .hasSize(count - 10 - 1024);
    }
}
