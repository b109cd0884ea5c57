// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Plain fields, written on one side of each edge that is promised and read on the other (T14). */
@Spec("T14")
class HappensBeforeTest {

    private static final int ROUNDS = 2_000;

    /** Not volatile, on purpose. */
    private static final class Plain {
        private int a;
        private int b;

        void write(int value) {
            a = value;
            b = value;
        }

        boolean holds(int value) {
            return a == value && b == value;
        }
    }

    private final AtomicInteger wrong = new AtomicInteger();

    @EngineTest
    void spawn_happensBeforeFirstActionOfTask(Harness harness) {
        ScopeFactory scopes = harness.unwatched();
        scopes.run("run", s -> s.withMaxConcurrency(16), scope -> {
            for (int i = 1; i <= ROUNDS; i++) {
                int value = i;
                Plain plain = new Plain();
                plain.write(value);
                scope.spawn(() -> {
                    if (!plain.holds(value)) {
                        wrong.incrementAndGet();
                    }
                });
            }
        });

        assertThat(wrong).hasValue(0);
    }

    @EngineTest
    void lastActionOfTask_happensBeforeJoinAndGet(Harness harness) {
        ScopeFactory scopes = harness.unwatched();
        scopes.run("run", scope -> {
            for (int i = 1; i <= ROUNDS; i++) {
                int value = i;
                Plain plain = new Plain();
                Task<?> task = scope.spawn(() -> plain.write(value));
                switch (i % 3) {
                    case 0 -> task.join();
                    case 1 -> task.get();
                    default -> task.get(20, TimeUnit.SECONDS);
                }
                assertThat(plain.holds(value)).isTrue();
            }
        });
    }

    @EngineTest
    void lastActionOfTask_happensBeforeCallback(Harness harness) {
        ScopeFactory scopes = harness.unwatched();
        AtomicInteger called = new AtomicInteger();
        scopes.run("run", s -> s.withMaxConcurrency(16), scope -> {
            for (int i = 1; i <= ROUNDS; i++) {
                int value = i;
                Plain plain = new Plain();
                scope.spawn(() -> plain.write(value)).onDone(task -> {
                    called.incrementAndGet();
                    if (!plain.holds(value)) {
                        wrong.incrementAndGet();
                    }
                });
            }
        });

        Blocking.until("all callbacks have run", () -> called.get() == ROUNDS);
        assertThat(wrong).hasValue(0);
    }

    @EngineTest
    void lastActionsOfAllTasks_happenBeforeExit(Harness harness) {
        ScopeFactory scopes = harness.unwatched();
        for (int i = 1; i <= ROUNDS / 4; i++) {
            int value = i;
            Plain[] plains = {new Plain(), new Plain(), new Plain()};
            scopes.run("run", scope -> {
                for (Plain plain : plains) {
                    scope.spawn(() -> plain.write(value));
                }
            });
            for (Plain plain : plains) {
                assertThat(plain.holds(value)).isTrue();
            }
        }
    }

    @EngineTest
    void lastActionsOfCancelledTasks_happenBeforeExit(Harness harness) {
        ScopeFactory scopes = harness.unwatched();
        for (int i = 1; i <= ROUNDS / 10; i++) {
            int value = i;
            Plain[] plains = {new Plain(), new Plain()};
            scopes.run("run", s -> s.withCancelTimeout(ScopeOptions.FOREVER), scope -> {
                CountDownLatch started = new CountDownLatch(plains.length);
                for (Plain plain : plains) {
                    scope.spawn(() -> {
                        started.countDown();
                        try {
                            return Blocking.forever();
                        } finally {
                            plain.write(value);
                        }
                    });
                }
                Blocking.await(started);
                scope.cancel();
            });
            for (Plain plain : plains) {
                assertThat(plain.holds(value)).isTrue();
            }
        }
    }

    @EngineTest
    void lastActionOfTask_happensBeforeAwaitDoneReturns(Harness harness) {
        ScopeFactory scopes = harness.unwatched();
        for (int i = 1; i <= ROUNDS / 4; i++) {
            int value = i;
            Plain plain = new Plain();
            OpenScope scope = scopes.openShared("shared");
            scope.spawn(() -> plain.write(value));
            scope.complete();
            scope.awaitDone();
            assertThat(plain.holds(value)).isTrue();
        }
    }
}
