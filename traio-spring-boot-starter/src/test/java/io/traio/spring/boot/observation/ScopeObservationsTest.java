// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.spi.ContextPropagator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeObservationsTest {

    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private final ScopeObservations observations = new ScopeObservations(true, null, null);
    private final ScopeFactory scopes = factory(observations);

    private ScopeFactory factory(ScopeObservations observing, ContextPropagator... before) {
        observing.bindTo(registry);
        return ScopeFactory.create(f -> {
            for (ContextPropagator propagator : before) {
                f = f.withPropagator(propagator);
            }
            return f.withListener(observing).withPropagator(observing);
        });
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(registry.getCurrentObservation()).isNull();
        TestObservationRegistryAssert.assertThat(registry).doesNotHaveAnyRemainingCurrentObservation();
    }

    private Observation current() {
        return registry.getCurrentObservation();
    }

    // ---- scopes ----

    @Test
    void scope_endsByItself_isObserved() {
        scopes.run("quotes", scope -> {});
        TestObservationRegistryAssert.assertThat(registry)
                .hasSingleObservationThat()
                .hasNameEqualTo("traio.observation.scope")
                .hasContextualNameEqualTo("scope quotes")
                .hasLowCardinalityKeyValue("outcome", "success")
                .hasLowCardinalityKeyValue("reason", "none")
                .hasHighCardinalityKeyValue("scope.name", "quotes")
                .hasHighCardinalityKeyValueWithKey("scope.id")
                .doesNotHaveError()
                .hasBeenStarted()
                .hasBeenStopped();
    }

    @Test
    void scope_bodyFails_hasItsError() {
        IllegalStateException failure = new IllegalStateException("no");
        catchThrowable(() -> scopes.run("quotes", scope -> {
            throw failure;
        }));
        TestObservationRegistryAssert.assertThat(registry)
                .hasSingleObservationThat()
                .hasLowCardinalityKeyValue("outcome", "failure")
                .hasLowCardinalityKeyValue("reason", "failure")
                .hasError(failure)
                .hasBeenStopped();
    }

    @Test
    void scope_cancelled_hasThatReason() {
        scopes.run("quotes", Scope::cancel);
        TestObservationRegistryAssert.assertThat(registry)
                .hasSingleObservationThat()
                .hasLowCardinalityKeyValue("outcome", "cancelled")
                .hasLowCardinalityKeyValue("reason", "explicit");
    }

    @Test
    void scope_nameWithControlCharacters_isEscaped() {
        scopes.run("a\nb", scope -> {});
        TestObservationRegistryAssert.assertThat(registry)
                .hasSingleObservationThat()
                .hasContextualNameEqualTo("scope a\\u000Ab");
    }

    @Test
    void scope_openedInAnObservation_isNestedInIt() {
        Observation request = Observation.start("request", registry);
        request.scoped(() -> scopes.run("quotes", scope -> {
            assertThat(nameAbove(current())).isEqualTo("request");
        }));
        request.stop();
    }

    @Test
    void body_observesSomething_isNestedInTheScope() {
        scopes.run("quotes", scope -> Observation.start("query", registry).stop());
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("query")
                .that()
                .hasParentObservationContextMatching(c -> c instanceof ScopeObservationContext);
    }

    @Test
    void child_openedInTheBody_isNestedInTheParent() {
        scopes.run("parent", parent -> {
            Observation above = current();
            scopes.run("child", child -> assertThat(parentOf(current())).isSameAs(above));
            assertThat(current()).isSameAs(above);
        });
    }

    @Test
    void child_openedInAnObservationOfTheBody_isNestedInThat() {
        scopes.run(
                "parent",
                parent -> Observation.createNotStarted("step", registry)
                        .observe(() -> scopes.run(
                                "child",
                                child -> assertThat(nameAbove(current())).isEqualTo("step"))));
    }

    @Test
    void child_forkedInAForeignObservation_isNestedInTheParent() {
        OpenScope parent = scopes.openShared("parent");
        Observation.createNotStarted("foreign", registry)
                .observe(() -> parent.fork()
                        .run("child", child -> assertThat(scopeAbove(current())).isEqualTo(parent)));
        parent.close();
    }

    @Test
    void sharedScope_opened_isNotCurrent() {
        OpenScope scope = scopes.openShared("quotes");
        assertThat(current()).isNull();
        scope.close();
    }

    @Test
    void openScope_closed_leavesWhatWasCurrent() {
        Observation.createNotStarted("request", registry).observe(() -> {
            Observation request = current();
            OpenScope scope = scopes.open("quotes");
            assertThat(parentOf(current())).isSameAs(request);
            scope.join();
            scope.close();
            assertThat(current()).isSameAs(request);
        });
    }

    // ---- tasks ----

    @Test
    void task_ends_isObservedBelowItsScope() {
        scopes.run("quotes", scope -> scope.spawn("alpha", () -> {}));
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("traio.observation.task")
                .that()
                .hasContextualNameEqualTo("task alpha")
                .hasLowCardinalityKeyValue("outcome", "success")
                .hasHighCardinalityKeyValue("task.name", "alpha")
                .hasHighCardinalityKeyValue("scope.name", "quotes")
                .hasHighCardinalityKeyValueWithKey("task.id")
                .hasParentObservationContextMatching(c -> c instanceof ScopeObservationContext)
                .hasBeenStopped();
    }

    @Test
    void task_observesSomething_isNestedInTheTask() {
        scopes.run(
                "quotes",
                scope -> scope.spawn("alpha", () -> {
                    Observation.start("query", registry).stop();
                }));
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("query")
                .that()
                .hasParentObservationContextMatching(c -> c instanceof TaskObservationContext);
    }

    @Test
    void task_fails_hasItsError() {
        IllegalStateException failure = new IllegalStateException("no");
        scopes.run(
                "quotes",
                scope -> scope.spawn(
                        "alpha",
                        () -> {
                            throw failure;
                        },
                        t -> t.withBubble(false)));
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("traio.observation.task")
                .that()
                .hasLowCardinalityKeyValue("outcome", "failure")
                .hasError(failure);
    }

    @Test
    void task_cancelledBeforeItStarted_isNotObserved() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        try (OpenScope scope = scopes.openShared("quotes", s -> s.withMaxConcurrency(1))) {
            scope.spawn("first", () -> {
                free.await();
                return null;
            });
            scope.spawn("second", () -> {}).cancel();
            free.countDown();
            scope.join();
        }
        TestObservationRegistryAssert.assertThat(registry)
                .hasNumberOfObservationsWithNameEqualTo("traio.observation.task", 1);
    }

    @Test
    void task_abandoned_isStoppedWhenItIsCancelled() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        scopes.run("quotes", scope -> {
            Task<?> task = scope.spawn(
                    "stubborn",
                    () -> {
                        started.countDown();
                        awaitIgnoringInterrupts(free);
                    },
                    t -> t.withAbandonOnCancel(true));
            started.await();
            task.cancel();
        });
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("traio.observation.task")
                .that()
                .hasLowCardinalityKeyValue("outcome", "cancelled")
                .hasBeenStopped();
        free.countDown();
        while (scopes.abandoned() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void tasks_notAskedFor_areNotObservedButNestedInTheScope() {
        ScopeFactory plain = factory(new ScopeObservations(false, null, null));
        Observation inTask = plain.call("quotes", scope -> {
            Observation own = current();
            Task<Observation> task = scope.spawn("alpha", this::current);
            assertThat(task.join()).isSameAs(own);
            return task.join();
        });
        assertThat(inTask).isNotNull();
        TestObservationRegistryAssert.assertThat(registry)
                .hasNumberOfObservationsWithNameEqualTo("traio.observation.task", 0);
    }

    @Test
    void taskOfASharedScope_spawnedOutside_isNestedInTheScope() throws Exception {
        ScopeFactory plain = factory(new ScopeObservations(false, null, null));
        OpenScope scope = plain.openShared("quotes");
        Observation.createNotStarted("foreign", registry).observe(() -> {
            Observation inTask = scope.spawn("alpha", this::current).join();
            assertThat(((ScopeObservationContext) inTask.getContext()).getScope())
                    .isEqualTo(scope);
        });
        scope.close();
    }

    @Test
    void taskSpawnedInAnObservationOfTheBody_notObserved_isNestedInThat() {
        ScopeFactory plain = factory(new ScopeObservations(false, null, null));
        plain.run(
                "quotes",
                scope -> Observation.createNotStarted("step", registry)
                        .observe(() -> assertThat(
                                        scope.spawn("alpha", this::current).join())
                                .isSameAs(current())));
    }

    @Test
    void pooledThread_afterItsTask_hasNoObservation() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            observations.bindTo(registry);
            ScopeFactory pooled = ScopeFactory.create(
                    f -> f.withExecutor(pool).withListener(observations).withPropagator(observations));
            OpenScope scope = pooled.openShared("quotes");
            CountDownLatch ended = new CountDownLatch(1);
            scope.spawn("alpha", () -> {}).onDone(t -> ended.countDown());
            ended.await();
            scope.close();
            assertThat(pool.submit(this::current).get()).isNull();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void propagatorBefore_throws_endsTheTasksObservationWithItsError() {
        IllegalStateException failure = new IllegalStateException("no context");
        ContextPropagator broken = () -> () -> {
            throw failure;
        };
        ScopeFactory scopesWithBroken = factory(new ScopeObservations(true, null, null), broken);
        catchThrowable(() -> scopesWithBroken.run("quotes", scope -> scope.spawn("alpha", () -> {})));
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo("traio.observation.task")
                .that()
                .hasError(failure)
                .hasBeenStopped();
    }

    // ---- conventions, registries ----

    @Test
    void conventions_given_replaceTheDefaults() {
        ScopeObservationConvention ofScopes = new ScopeObservationConvention() {
            @Override
            public String getName() {
                return "my.scope";
            }

            @Override
            public KeyValues getLowCardinalityKeyValues(ScopeObservationContext context) {
                return KeyValues.of("who", context.getScope().name());
            }
        };
        TaskObservationConvention ofTasks = new TaskObservationConvention() {
            @Override
            public String getName() {
                return "my.task";
            }
        };
        factory(new ScopeObservations(true, ofScopes, ofTasks)).run("quotes", scope -> scope.spawn(() -> {}));
        TestObservationRegistryAssert.assertThat(registry)
                .hasNumberOfObservationsEqualTo(2)
                .hasNumberOfObservationsWithNameEqualTo("my.task", 1)
                .hasObservationWithNameEqualTo("my.scope")
                .that()
                .hasLowCardinalityKeyValue("who", "quotes");
    }

    @Test
    void scopes_thatTheRegistryRefuses_passOnWhatIsAbove() {
        registry.observationConfig().observationPredicate((name, context) -> !name.equals("traio.observation.scope"));
        AtomicReference<String> above = new AtomicReference<>();
        Observation.createNotStarted("request", registry)
                .observe(() -> scopes.run("quotes", scope -> {
                    scope.spawn("alpha", () -> above.set(nameAbove(current()))).join();
                }));
        assertThat(above).hasValue("request");
        TestObservationRegistryAssert.assertThat(registry)
                .hasNumberOfObservationsWithNameEqualTo("traio.observation.scope", 0)
                .hasNumberOfObservationsWithNameEqualTo("traio.observation.task", 1);
    }

    @Test
    void scopes_beforeTheBinding_areNotObserved() {
        ScopeObservations late = new ScopeObservations(true, null, null);
        ScopeFactory factory = ScopeFactory.create(f -> f.withListener(late).withPropagator(late));
        OpenScope early = factory.openShared("early");
        late.bindTo(registry);
        early.close();
        factory.run("quotes", scope -> {});
        TestObservationRegistryAssert.assertThat(registry).hasNumberOfObservationsEqualTo(1);
    }

    private static Observation parentOf(Observation observation) {
        return (Observation) observation.getContextView().getParentObservation();
    }

    private static String nameAbove(Observation observation) {
        return parentOf(observation).getContextView().getName();
    }

    private static Scope scopeAbove(Observation observation) {
        return ((ScopeObservationContext) parentOf(observation).getContext()).getScope();
    }

    private static void awaitIgnoringInterrupts(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                // As a stubborn task does.
            }
        }
    }
}
