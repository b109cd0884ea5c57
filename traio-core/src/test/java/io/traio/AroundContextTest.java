// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import io.traio.spi.ContextPropagator;
import io.traio.spi.ContextPropagator.Around;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Context that exists around a call only reaches tasks (B5). */
@Spec("B5")
class AroundContextTest {

    private final List<String> steps = new CopyOnWriteArrayList<>();

    private Around noting(String name) {
        return task -> {
            steps.add("begin " + name);
            try {
                return task.call();
            } finally {
                steps.add("end " + name);
            }
        };
    }

    private static ScopeFactory with(Harness harness, ContextPropagator... propagators) {
        return harness.scopes(f -> {
            FactoryOptions options = f;
            for (ContextPropagator propagator : propagators) {
                options = options.withPropagator(propagator);
            }
            return options;
        });
    }

    @EngineTest
    void scopedValue_reachesTasks(Harness harness) throws Exception {
        assumeTrue(ScopedValues.areAvailable());
        ScopedValues user = ScopedValues.create();
        ScopeFactory scopes = with(harness, user.propagator());

        Object seen = user.call(
                "ada",
                () -> scopes.call("run", scope -> {
                    Task<String> task = scope.spawn(
                            "task", () -> scope.spawn("below", user::get).join());
                    scope.defer(() -> steps.add("released for " + user.get()));
                    return task.join();
                }));

        assertThat(seen).isEqualTo("ada");
        assertThat(steps).containsExactly("released for ada");
        assertThat(scopes.<String>call("unbound", scope -> scope.await(user::get)))
                .isEqualTo("unbound");
    }

    @EngineTest
    void scopedValue_scopeLeftOpenInTask_isClosed(Harness harness) throws Exception {
        assumeTrue(ScopedValues.areAvailable());
        ScopedValues user = ScopedValues.create();
        ScopeFactory scopes = with(harness, user.propagator());

        assertThatThrownBy(() -> user.call("ada", () -> {
                    scopes.run("run", scope -> scope.spawn("task", () -> scopes.open("forgotten")));
                    return null;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'forgotten'");
    }

    @EngineTest
    void around_several_nestInTheirOrderInsideWhatIsSet(Harness harness) {
        ScopeFactory scopes = with(
                harness,
                () -> noting("outer"),
                () -> () -> {
                    steps.add("set");
                    return () -> steps.add("restore");
                },
                () -> null,
                () -> noting("inner"));

        String value = scopes.call(
                "run",
                scope -> scope.await("task", () -> {
                    steps.add("task");
                    return "value";
                }));

        assertThat(value).isEqualTo("value");
        assertThat(steps)
                .containsExactly("set", "begin outer", "begin inner", "task", "end inner", "end outer", "restore");
    }

    @EngineTest
    void around_failureOfTask_isTheSameInstance(Harness harness) {
        IllegalStateException failure = new IllegalStateException("task");
        ScopeFactory scopes = with(harness, () -> noting("around"));

        assertThatThrownBy(() -> scopes.run(
                        "run",
                        scope -> scope.spawn("task", () -> {
                            throw failure;
                        })))
                .isSameAs(failure);
        assertThat(steps).containsExactly("begin around", "end around");
    }

    @EngineTest
    void around_failsBeforeTheCall_failsTheTask(Harness harness) {
        IOException failure = new IOException("not bound");
        ScopeFactory scopes = with(harness, () -> (Around) task -> {
            throw failure;
        });

        assertThatThrownBy(() -> scopes.run("run", scope -> scope.spawn("task", () -> steps.add("task"))))
                .isInstanceOf(ScopeFailedException.class)
                .hasCause(failure);
        assertThat(steps).isEmpty();
    }

    @EngineTest
    void around_callsNothing_failsTheTask(Harness harness) {
        ScopeFactory scopes = with(harness, () -> (Around) task -> null);

        assertThatThrownBy(() -> scopes.run("run", scope -> scope.spawn("task", () -> steps.add("task"))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has not called the task");
    }

    @EngineTest
    void around_callsTwice_runsTheTaskOnceAndIsLogged(Harness harness) {
        LogCapture log = new LogCapture();
        ContextPropagator twice = () -> (Around) task -> {
            task.call();
            return task.call();
        };
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(twice).withLogger(log.logger()));

        String value = scopes.call(
                "run",
                scope -> scope.await("task", () -> {
                    steps.add("task");
                    return "value";
                }));

        assertThat(value).isEqualTo("value");
        assertThat(steps).containsExactly("task");
        assertThat(log.messages(Level.ERROR)).singleElement().asString().contains("could not be restored");
    }

    @EngineTest
    void around_swallowsTheFailure_isStillAFailure(Harness harness) {
        IllegalStateException failure = new IllegalStateException("task");
        ScopeFactory scopes = with(harness, () -> (Around) task -> {
            try {
                return task.call();
            } catch (IllegalStateException e) {
                return "swallowed";
            }
        });

        assertThatThrownBy(() -> scopes.run(
                        "run",
                        scope -> scope.spawn("task", () -> {
                            throw failure;
                        })))
                .isSameAs(failure);
    }
}
