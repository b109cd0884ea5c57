// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import io.traio.ScopeOptions.Overflow;
import io.traio.spi.ScopeListener;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What spawns into a full scope must not wait for itself (section 3, {@link Overflow#BLOCK}). */
@Spec("Threads")
class FullScopeTest {

    private static final UnaryOperator<ScopeOptions> FULL =
            s -> s.withMaxConcurrency(1).withOverflow(Overflow.BLOCK);

    private final Queue<String> ran = new ConcurrentLinkedQueue<>();

    private static void ends(Harness harness, Harness.Piece piece) throws InterruptedException {
        Aside<?> aside = Aside.run(harness, piece);
        assertThat(aside.failure()).isNull();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void callbackOfATask_spawnsIntoItsFullScope_doesNotWait(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        ends(
                harness,
                () -> scopes.run("run", FULL, scope -> {
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    scope.spawn("first", () -> Briefly.await(mayEnd))
                            .onDone(first -> scope.spawn("second", () -> ran.add("second")));
                    mayEnd.countDown();
                }));

        assertThat(ran).containsExactly("second");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void callbackOfATask_spawnsSeveralIntoItsFullScope_doesNotWait(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        ends(
                harness,
                () -> scopes.run("run", FULL, scope -> {
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    scope.spawn("first", () -> Briefly.await(mayEnd)).onDone(first -> {
                        for (int i = 0; i < 3; i++) {
                            scope.spawn("more", () -> ran.add("more"));
                        }
                    });
                    mayEnd.countDown();
                }));

        assertThat(ran).hasSize(3);
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void stageOfATask_spawnsIntoItsFullScope_doesNotWait(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        ends(
                harness,
                () -> scopes.run("run", FULL, scope -> {
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    scope.spawn("first", () -> Briefly.await(mayEnd))
                            .toCompletableFuture()
                            .thenRun(() -> scope.spawn("second", () -> ran.add("second")));
                    mayEnd.countDown();
                }));

        assertThat(ran).containsExactly("second");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void callbackInAScopeBelow_spawnsIntoTheFullScopeAbove_doesNotWait(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        ends(
                harness,
                () -> scopes.run(
                        "upper",
                        FULL,
                        upper -> upper.spawn("holds the place", () -> {
                            scopes.run("lower", lower -> {
                                CountDownLatch mayEnd = new CountDownLatch(1);
                                lower.spawn("first", () -> Briefly.await(mayEnd))
                                        .onDone(first -> upper.spawn("second", () -> ran.add("second")));
                                mayEnd.countDown();
                            });
                        })));

        assertThat(ran).containsExactly("second");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void callbackOfAScopeBelow_spawnsIntoTheFullScopeAbove_doesNotWait(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        ends(
                harness,
                () -> scopes.run(
                        "upper",
                        FULL,
                        upper -> upper.spawn("holds the place", () -> {
                            OpenScope lower = upper.fork().openShared("lower");
                            lower.onDone(ended -> upper.spawn("second", () -> ran.add("second")));
                            lower.complete();
                            lower.awaitDone();
                        })));

        assertThat(ran).containsExactly("second");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void listener_spawnsIntoTheFullScopeWhenATaskEnds_doesNotWait(Harness harness) throws InterruptedException {
        AtomicBoolean once = new AtomicBoolean();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(new ScopeListener() {
            @Override
            public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
                if (once.compareAndSet(false, true)) {
                    task.scope().spawn("second", () -> ran.add("second"));
                }
            }
        }));
        ends(harness, () -> scopes.run("run", FULL, scope -> scope.spawn("first", () -> ran.add("first"))));

        assertThat(ran).containsExactly("first", "second");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void callbackOfATaskThatWasCancelledInTheQueue_spawnsIntoItsFullScope_doesNotWait(
            Harness harness, ScopeFactory scopes) throws InterruptedException {
        ends(
                harness,
                () -> scopes.run("run", s -> s.withMaxConcurrency(1), scope -> {
                    CountDownLatch mayEnd = new CountDownLatch(1);
                    CountDownLatch started = new CountDownLatch(1);
                    scope.spawn("first", () -> {
                        started.countDown();
                        return Briefly.await(mayEnd);
                    });
                    Briefly.await(started);
                    Task<?> queued = scope.spawn("queued", () -> ran.add("queued"));
                    queued.onDone(task -> scope.spawn("second", () -> ran.add("second")));
                    queued.cancel();
                    mayEnd.countDown();
                }));

        assertThat(ran).containsExactly("second");
    }

    /** The body of the full scope does wait: nobody in it waits for the body. */
    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void body_spawnsIntoItsFullScope_waitsForThePlace(Harness harness, ScopeFactory scopes)
            throws InterruptedException {
        ends(
                harness,
                () -> scopes.run("run", FULL, scope -> {
                    for (int i = 0; i < 5; i++) {
                        scope.spawn("task", () -> ran.add("task"));
                    }
                }));

        assertThat(ran).hasSize(5);
    }
}
