// SPDX-License-Identifier: Apache-2.0
package io.traio.test.assertj;

import static io.traio.test.assertj.ScopeAssertions.assertThat;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import io.traio.Task;
import io.traio.test.SpawnOrder;
import io.traio.test.TestClock;
import io.traio.test.junit.ScopesExtension;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ScopesExtension.class)
class ScopeAssertionsTest {

    private final CountDownLatch end = new CountDownLatch(1);

    private static void assertFails(ThrowingCallable assertion, String... message) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(assertion)
                .satisfies(e -> assertThat(e.getMessage()).contains(message));
    }

    @Test
    void scope_open_isAsItIs(ScopeFactory scopes, TestClock clock) {
        OpenScope scope = scopes.openShared("quotes", s -> s.withTimeout(ofSeconds(10)));
        Task<Void> task = scope.spawn("alpha", () -> end.await());
        OpenScope child = scope.fork().openShared("details");
        clock.advance(ofSeconds(4));

        assertThat(scope)
                .hasName("quotes")
                .isOpen()
                .isNotCancelled()
                .isRoot()
                .hasRemaining(ofSeconds(6))
                .hasTasks("alpha")
                .hasChildren("details");
        assertThat(child).hasParent(scope).hasTasks();

        assertFails(() -> assertThat(scope).hasName("other"), "to have the name \"other\":\n", "── alpha (task");
        assertFails(() -> assertThat(scope).isClosed(), "to be CLOSED, but it was OPEN");
        assertFails(() -> assertThat(scope).isCancelled(), "to be cancelled");
        assertFails(() -> assertThat(scope).hasRemaining(ofSeconds(1)), "to have 1 s left, but that was 6 s");
        assertFails(() -> assertThat(scope).hasNoDeadline(), "to have no deadline, but it has 6 s left");
        assertFails(() -> assertThat(scope).hasParent(child), "but it is a root");
        assertFails(() -> assertThat(child).isRoot(), "but it is a child of");
        assertFails(
                () -> assertThat(scope).as("search").hasTasks("beta"), "[search]", "[beta] were missing", "[alpha]");
        assertFails(() -> assertThat(scope).hasChildren(), "but [] were missing, and [details] were there");
        assertFails(() -> assertThat(scope).endsWithin(ofMillis(20)), "to end within 20 ms, but it was OPEN");
        assertFails(() -> assertThat((Scope) null).isOpen(), "not to be null");

        end.countDown();
        assertThat(task).endsWithin(ofSeconds(20)).hasSucceeded();
        scope.close();
    }

    @Test
    void scope_cancelled_isThat(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("quotes");
        Task<Void> task = scope.spawn("alpha", () -> end.await());
        scope.cancel("client went away");

        assertThat(scope)
                .isCancelled()
                .hasNoDeadline()
                .endsWithin(ofSeconds(20))
                .isClosed();
        assertThat(task).isCancelled();
        assertThat(scope.snapshot()).isCancelled("explicit: client went away");
        assertFails(() -> assertThat(scope).isNotCancelled(), "not to be cancelled");
        assertFails(() -> assertThat(scope.snapshot()).isNotCancelled(), "cancelled (explicit: client went away)");
    }

    @Test
    void task_ended_hasItsOutcome() {
        IOException failure = new IOException("unreachable");
        try (ScopeFactory scopes = SpawnOrder.factory()) {
            scopes.run("quotes", scope -> {
                Task<Integer> works = scope.spawn("works", () -> 42);
                Task<Integer> fails = scope.spawnToJoin("fails", () -> {
                    throw failure;
                });

                assertThat(works).hasName("works").hasSucceeded().hasResult(42).hasStatus(Task.Status.SUCCEEDED);
                assertThat(fails).endsWithin(ofSeconds(1)).hasFailureThat().isSameAs(failure);
                assertFails(() -> assertThat(works).hasResult(43), "to return 43, but that was 42");
                assertFails(() -> assertThat(works).hasName("x"), "to have the name \"x\"");
                assertFails(() -> assertThat(works).hasFailureThat(), "to be FAILED, but it was SUCCEEDED");
                assertFails(() -> assertThat(fails).hasResult(1), "FAILED with java.io.IOException: unreachable");
            });
        }
    }

    @Test
    void task_runs_isNotWaitedFor(ScopeFactory scopes) throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("quotes", s -> s.withMaxConcurrency(1));
        Task<Void> runs = scope.spawn("runs", () -> {
            running.countDown();
            end.await();
        });
        Task<String> waits = scope.spawn("waits", () -> "x");
        running.await();

        assertThat(runs).isRunning();
        assertThat(waits).isQueued();
        assertFails(() -> assertThat(runs).isStraggling(), "to be STRAGGLING, but it was RUNNING");
        assertFails(() -> assertThat(runs).hasResult(null), "to be SUCCEEDED, but it was RUNNING");
        assertFails(() -> assertThat(runs).endsWithin(ofMillis(20)), "to end within 20 ms, but it was RUNNING");
        scope.close();
    }

    @Test
    void snapshot_ofATree_isWalked(ScopeFactory scopes) throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        OpenScope scope = scopes.openShared("quotes");
        scope.fork().openShared("details").spawn("hotel", () -> {
            running.countDown();
            end.await();
        });
        running.await();
        ScopeSnapshot snapshot = scope.snapshot();

        assertThat(snapshot)
                .hasName("quotes")
                .hasKind("scope")
                .hasState(Scope.State.OPEN)
                .isNotCancelled()
                .hasNoStragglers()
                .hasTasks()
                .child("details")
                .hasTasks("hotel")
                .task("hotel")
                .hasName("hotel")
                .isRunning();
        assertFails(() -> assertThat(snapshot).task("alpha"), "to have a task \"alpha\":\nquotes (scope ");
        assertFails(() -> assertThat(snapshot).child("other"), "to have a child \"other\"");
        assertFails(() -> assertThat(snapshot).hasKind("race"), "to be of the kind \"race\"");
        assertFails(() -> assertThat(snapshot).hasState(Scope.State.CLOSED), "to be CLOSED");
        ScopeSnapshot.TaskSnapshot hotel = snapshot.children().get(0).tasks().get(0);
        assertFails(() -> assertThat(hotel).isQueued(), "Expected task hotel to be QUEUED, but it was RUNNING");
        assertFails(() -> assertThat(hotel).isStraggling(), "STRAGGLING");
        assertFails(() -> assertThat(hotel).hasName("x"), "to have the name \"x\"");
        scope.close();
    }
}
