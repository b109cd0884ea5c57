// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A scope says what its tasks are spawned with (B11). */
@Spec("B11")
class TaskDefaultsTest {

    private static final UnaryOperator<ScopeOptions> SUPERVISOR = s -> s.withTaskDefaults(t -> t.withBubble(false));

    private static boolean fail() {
        throw new IllegalStateException("down");
    }

    @EngineTest
    void supervisor_tasksFail_othersGoOn(ScopeFactory scopes) {
        String result = scopes.call("supervisor", SUPERVISOR, scope -> {
            Task<Boolean> failed = scope.spawn("fails", TaskDefaultsTest::fail);
            Blocking.until("it has failed", failed::isDone);
            return scope.spawn("goes on", () -> "yes").join();
        });

        assertThat(result).isEqualTo("yes");
    }

    @EngineTest
    void taskDefaults_allForms_haveThem(ScopeFactory scopes) {
        scopes.run("supervisor", SUPERVISOR, scope -> {
            assertThat(scope.spawn("a", () -> 1).options().bubble()).isFalse();
            assertThat(scope.spawn(() -> 1).options().bubble()).isFalse();
            assertThat(scope.spawn("a", () -> {}).options().bubble()).isFalse();
            assertThat(scope.trySpawn("a", () -> 1).orElseThrow().options().bubble())
                    .isFalse();
            assertThat(scope.spawnToJoin("a", () -> 1).options())
                    .isEqualTo(TaskOptions.DEFAULT.withBubble(false).withToJoin(true));
            assertThat(scope.<Integer>start("a", ready -> ready.ready(1))
                            .task()
                            .options()
                            .bubble())
                    .isFalse();
        });
    }

    @EngineTest
    void taskDefaults_spawnerSaysOtherwise_wins(ScopeFactory scopes) {
        assertThatThrownBy(() -> scopes.run("supervisor", SUPERVISOR, scope -> {
                    Task<Boolean> task = scope.spawn("fails", TaskDefaultsTest::fail, t -> t.withBubble(true));
                    assertThat(task.options()).isEqualTo(TaskOptions.DEFAULT);
                }))
                .isInstanceOf(IllegalStateException.class);
    }

    @EngineTest
    void taskDefaults_ofTheScopeAbove_areNotInherited(ScopeFactory scopes) {
        scopes.run(
                "supervisor",
                SUPERVISOR,
                scope -> scopes.run(
                        "child",
                        child -> assertThat(child.spawn(() -> 1).options()).isEqualTo(TaskOptions.DEFAULT)));
    }

    @EngineTest
    void taskDefaults_ofTheFactory_holdForAllScopes(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withDefaults(SUPERVISOR));
        scopes.run(
                "run",
                scope -> assertThat(scope.spawn(() -> 1).options().bubble()).isFalse());
    }

    @EngineTest
    void taskDefaults_cancelledTask_isStillCancelledOnly(ScopeFactory scopes) {
        scopes.run("run", s -> s.withTaskDefaults(t -> t.withToJoin(true)), scope -> {
            Task<?> task = scope.spawn(Blocking::forever);
            task.cancel();
            assertThatThrownBy(task::join).isInstanceOf(CancellationException.class);
        });
    }

    @Test
    void withTaskDefaults_appliedTwice_changesWhatWasThere() {
        ScopeOptions options = ScopeOptions.DEFAULT
                .withTaskDefaults(t -> t.withBubble(false))
                .withTaskDefaults(t -> t.withMaster(true));

        assertThat(options.taskDefaults())
                .isEqualTo(TaskOptions.DEFAULT.withBubble(false).withMaster(true));
        assertThatThrownBy(() -> options.withTaskDefaults(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> options.withTaskDefaults(t -> null)).isInstanceOf(NullPointerException.class);
    }
}
