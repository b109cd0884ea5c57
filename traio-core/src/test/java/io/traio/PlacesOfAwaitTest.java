// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.stream.Stream;

/** An exception names each place that has waited for it, once (S8). */
@Spec("S8")
class PlacesOfAwaitTest {

    private final IllegalArgumentException failure = new IllegalArgumentException("task");

    private long places() {
        return Stream.of(failure.getSuppressed())
                .filter(suppressed -> suppressed.getClass().getSimpleName().equals("WaitedAt"))
                .count();
    }

    /** The scope's own end is a place, too. */
    private long before;

    private OpenScope failed(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");
        scope.spawn("task", () -> {
            throw failure;
        });
        Blocking.until("it has failed", () -> scope.state() == Scope.State.CLOSED);
        before = places();
        return scope;
    }

    @EngineTest
    void awaitDone_againAtTheSamePlace_isNamedOnce(ScopeFactory scopes) {
        OpenScope scope = failed(scopes);
        for (int i = 0; i < 5; i++) {
            assertThat(catchThrowable(scope::awaitDone)).isSameAs(failure);
        }

        assertThat(places() - before).isEqualTo(1);
    }

    @EngineTest
    void awaitDone_atTwoPlaces_bothAreNamed(ScopeFactory scopes) {
        OpenScope scope = failed(scopes);
        assertThat(catchThrowable(scope::awaitDone)).isSameAs(failure);
        assertThat(catchThrowable(scope::awaitDone)).isSameAs(failure);

        assertThat(places() - before).isEqualTo(2);
    }

    @EngineTest
    void awaitDone_byManyThreadsAtTheSamePlace_isNamedOnce(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        OpenScope scope = failed(scopes);
        for (int i = 0; i < 5; i++) {
            assertThat(Aside.run(harness, scope::awaitDone).failure()).isSameAs(failure);
        }

        assertThat(places() - before).isEqualTo(1);
    }

    @EngineTest
    void join_ofATaskAgainAtTheSamePlace_isNamedOnce(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("shared");
        Task<?> task = scope.spawn(
                "task",
                () -> {
                    throw failure;
                },
                t -> t.withBubble(false));
        for (int i = 0; i < 5; i++) {
            assertThat(catchThrowable(task::join)).isSameAs(failure);
        }
        scope.close();

        assertThat(places() - before).isEqualTo(1);
    }
}
