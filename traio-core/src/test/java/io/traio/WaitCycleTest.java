// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Who waits for whom is seen, and a join that would wait for itself through others is refused (S15). */
@Spec("S15")
class WaitCycleTest {

    private final CompletableFuture<Task<?>> other = new CompletableFuture<>();

    @EngineTest
    void join_ofATaskThatJoinsThisOne_isRefusedAndNamesTheCycle(Harness harness) {
        Throwable thrown = catchThrowable(() -> harness.scopes().run("knot", scope -> {
            Task<?> one = scope.spawn("one", () -> other.get().join());
            other.complete(scope.spawn("two", () -> one.join()));
        }));
        assertThat(root(thrown)).isInstanceOf(IllegalStateException.class);
        assertThat(withoutIds(root(thrown)))
                .satisfiesAnyOf(
                        message -> assertThat(message)
                                .startsWith("task 'two' cannot wait for task 'one': it would wait"
                                        + " for itself, since task 'one' waits for task 'two'."),
                        message -> assertThat(message)
                                .startsWith("task 'one' cannot wait for task 'two': it would wait"
                                        + " for itself, since task 'two' waits for task 'one'."));
    }

    @EngineTest(pool = 3)
    void join_cycleOfThree_isRefused(Harness harness) {
        Throwable thrown = catchThrowable(() -> harness.scopes().run("knot", scope -> {
            Task<?> one = scope.spawn("one", () -> other.get().join());
            Task<?> two = scope.spawn("two", () -> one.join());
            other.complete(scope.spawn("three", () -> two.join()));
        }));
        assertThat(root(thrown)).isInstanceOf(IllegalStateException.class);
        assertThat(withoutIds(root(thrown))).contains(", which waits for task '");
    }

    @EngineTest
    void join_ofTheTaskThatWaitsForThisScope_isRefused(Harness harness) {
        Throwable thrown = catchThrowable(() -> harness.scopes().run("outer", outer -> {
            Task<?> parent = outer.spawn("parent", () -> {
                harness.scopes()
                        .run(
                                "inner",
                                inner -> inner.spawn("child", () -> other.get().join()));
            });
            other.complete(parent);
        }));
        assertThat(withoutIds(root(thrown)))
                .startsWith("task 'child' cannot wait for task 'parent': it would wait for itself, since task 'parent'"
                        + " waits for scope 'inner', which waits for task 'child'.");
    }

    @EngineTest
    void join_ofTheTaskWhoseBodyCancelsTheScope_waitsUntilThen(Harness harness) throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        harness.scopes().run("outer", outer -> {
            Task<?> parent = outer.spawn("parent", () -> {
                harness.scopes().run("inner", inner -> {
                    inner.spawn("child", () -> {
                        waits.countDown();
                        other.get().join();
                    });
                    waits.await();
                    // Longer than it takes to refuse a cycle that stays.
                    TimeUnit.MILLISECONDS.sleep(60);
                    inner.cancel();
                });
            });
            other.complete(parent);
        });
    }

    @EngineTest
    void join_ofATaskThatWasCancelledInItsJoinOfThisOne_waitsForItsEnd(Harness harness) {
        String value = harness.scopes().call("pair", scope -> {
            CountDownLatch joins = new CountDownLatch(1);
            Task<String> one = scope.spawn("one", () -> {
                Task<?> two = other.get();
                joins.await();
                TimeUnit.MILLISECONDS.sleep(20);
                two.cancel();
                two.awaitEnd();
                return "one";
            });
            other.complete(scope.spawn("two", () -> {
                joins.countDown();
                one.awaitEnd();
            }));
            return one.join();
        });
        assertThat(value).isEqualTo("one");
    }

    @EngineTest
    void join_timedOnOneSide_isNotRefused(Harness harness) {
        harness.scopes().run("pair", scope -> {
            Task<?> one = scope.spawn("one", () -> {
                assertThatThrownBy(() -> other.get().get(100, TimeUnit.MILLISECONDS))
                        .isInstanceOf(java.util.concurrent.TimeoutException.class);
            });
            other.complete(scope.spawn("two", () -> one.join()));
        });
    }

    @EngineTest
    void awaitDone_ofAScopeWhoseTaskJoinsThisOne_isRefused(Harness harness) {
        OpenScope shared = harness.scopes().openShared("shared");
        Throwable thrown = catchThrowable(() -> harness.scopes().run("knot", scope -> {
            Task<?> one = scope.spawn("one", () -> {
                other.get();
                shared.awaitDone();
            });
            other.complete(shared.spawn("two", () -> one.join()));
            shared.complete();
        }));
        Throwable last = catchThrowable(shared::awaitDone);
        assertThat(java.util.stream.Stream.of(thrown, last)
                        .filter(java.util.Objects::nonNull)
                        .map(WaitCycleTest::root))
                .hasAtLeastOneElementOfType(IllegalStateException.class);
    }

    @EngineTest
    void snapshot_ofWaitingCode_saysForWhat(Harness harness) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        OpenScope scope = harness.scopes().openShared("quotes");
        CountDownLatch started = new CountDownLatch(1);
        Task<?> slow = scope.spawn("slow", () -> {
            started.countDown();
            end.await();
        });
        Blocking.await(started);
        Task<?> joins = scope.spawn("joins", () -> slow.join());
        // A waiting thread looks now and then, and says nothing in that moment.
        Blocking.until("it waits", () -> String.valueOf(waitsFor(scope, joins)).matches("task 'slow' \\(#\\d+\\)"));
        assertThat(waitsFor(scope, slow)).isNull();
        end.countDown();
        scope.join();
    }

    @EngineTest
    void snapshot_ofAnExit_saysThatItWaitsForItsMembers(Harness harness) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        OpenScope outer = harness.scopes().openShared("outer");
        outer.spawn("owner", () -> harness.scopes().run("inner", inner -> inner.spawn("slow", () -> end.await())));
        Blocking.until(
                "it waits",
                () -> outer.snapshot().children().stream().anyMatch(inner -> "its members".equals(inner.waitsFor())));
        assertThat(outer.snapshot().tasks().get(0).waitsFor()).matches("scope 'inner' \\(#\\d+\\)");
        end.countDown();
        outer.join();
    }

    @EngineTest
    void snapshot_ofQueuedTasks_saysWhichPermitTheyLack(Harness harness) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        Limiter database = Limiter.of("database", 1);
        OpenScope scope = harness.scopes().openShared("report", s -> s.withLimiter(database));
        scope.spawn("first", () -> {
            started.countDown();
            end.await();
        });
        started.await();
        Task<?> second = scope.spawn("second", () -> {});
        assertThat(waitsFor(scope, second)).isEqualTo("permit of limiter 'database'");
        OpenScope narrow = harness.scopes().openShared("narrow", s -> s.withMaxConcurrency(1));
        narrow.spawn("first", () -> end.await());
        Task<?> third = narrow.spawn("third", () -> {});
        assertThat(waitsFor(narrow, third)).isEqualTo("permit (maxConcurrency 1)");
        end.countDown();
        scope.join();
        narrow.join();
    }

    private static String waitsFor(Scope scope, Task<?> task) {
        return scope.snapshot().tasks().stream()
                .filter(each -> each.id() == task.id())
                .findFirst()
                .orElseThrow()
                .waitsFor();
    }

    private static Throwable root(Throwable thrown) {
        Throwable root = thrown;
        while (root instanceof ScopeFailedException && root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static String withoutIds(Throwable thrown) {
        return thrown.getMessage().replaceAll(" \\(#\\d+\\)", "");
    }
}
