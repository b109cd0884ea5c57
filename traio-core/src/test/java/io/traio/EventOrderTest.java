// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.EngineTest.Threads;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The order in which a listener is notified, where one thread is in the midst of one step as another takes the next; and
 * what can be observed of a scope or task meanwhile (B6).
 */
@Spec("B6")
class EventOrderTest {

    private static final int ROUNDS = 100;

    /** Keeps each event with its subject's name, and does something at some of them. */
    private static class Recorder implements ScopeListener {

        final Queue<String> events = new ConcurrentLinkedQueue<>();

        void record(String event, String name) {
            events.add(event + " " + name);
        }

        List<String> of(String name) {
            return events.stream()
                    .filter(event -> event.endsWith(" " + name))
                    .map(event -> event.substring(0, event.indexOf(' ')))
                    .toList();
        }

        @Override
        public void scopeOpened(Scope scope) {
            record("opened", scope.name());
        }

        @Override
        public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
            record("cancelled", scope.name());
        }

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            record("closed", scope.name());
        }

        @Override
        public void taskSpawned(Task<?> task) {
            record("spawned", task.name());
        }

        @Override
        public void taskStarted(Task<?> task, long waitNanos) {
            record("started", task.name());
        }

        @Override
        public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
            record("ended", task.name());
        }

        @Override
        public void taskAbandoned(Task<?> task) {
            record("abandoned", task.name());
        }

        @Override
        public void abandonedEnded(Task<?> task) {
            record("abandonedEnded", task.name());
        }
    }

    /** Gives another thread the time to overtake, but does not wait for ever for what must not happen. */
    private static void aMoment(CountDownLatch latch) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
        boolean interrupted = false;
        while (latch.getCount() > 0 && System.nanoTime() - end < 0) {
            interrupted |= Thread.interrupted();
            Thread.yield();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- tasks ----

    /** The task's thread is about to notify of its start, as another abandons it. */
    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void abandonedTask_isCancelledAsItStarts_startedComesBeforeEnded(Harness harness) throws InterruptedException {
        CountDownLatch starts = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        ScopeListener slow = new ScopeListener() {
            @Override
            public void taskStarted(Task<?> task, long waitNanos) {
                starts.countDown();
                aMoment(ended);
            }
        };
        Recorder recorder = new Recorder() {
            @Override
            public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
                super.taskEnded(task, failure, runNanos);
                ended.countDown();
            }
        };
        ScopeFactory scopes = harness.scopes(f -> f.withListener(slow).withListener(recorder));
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> 1, t -> t.withAbandonOnCancel(true));
            Briefly.await(starts);
            task.cancel();
        });
        List<String> atExit = recorder.of("task");
        Briefly.until("its thread is free", () -> scopes.abandoned() == 0);

        assertThat(atExit).containsSubsequence("spawned", "started", "abandoned", "ended");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void abandonedTasks_cancelledAtOnce_startedNeverComesAfterEnded(Harness harness) {
        Recorder recorder = new Recorder();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(recorder));
        for (int round = 0; round < ROUNDS; round++) {
            String name = "task-" + round;
            scopes.run("run", scope -> {
                Task<?> task = scope.spawn(
                        name,
                        () -> {
                            recorder.record("ran", name);
                            return 1;
                        },
                        t -> t.withAbandonOnCancel(true));
                Blocking.spin(round(scope));
                task.cancel();
            });
            assertThat(recorder.of(name)).as("at the exit").contains("ended");
        }
        Briefly.until("all threads are free", () -> scopes.abandoned() == 0);
        for (int round = 0; round < ROUNDS; round++) {
            List<String> events = recorder.of("task-" + round);
            assertThat(events).startsWith("spawned");
            if (events.contains("started")) {
                assertThat(events).containsSubsequence("started", "ended");
            } else {
                assertThat(events).doesNotContain("ran");
            }
        }
    }

    private static int round(Scope scope) {
        return (int) (scope.id() % 50) * 20;
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void task_isCancelledAsItStarts_startedComesBeforeEnded(Harness harness) {
        CountDownLatch starts = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        ScopeListener slow = new ScopeListener() {
            @Override
            public void taskStarted(Task<?> task, long waitNanos) {
                starts.countDown();
                aMoment(cancelled);
            }
        };
        Recorder recorder = new Recorder();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(slow).withListener(recorder));
        scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> 1);
            Briefly.await(starts);
            task.cancel();
            cancelled.countDown();
        });

        assertThat(recorder.of("task")).containsExactly("spawned", "started", "ended");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void task_isCancelledAsItIsSpawned_spawnedComesFirst(Harness harness) {
        AtomicReference<Scope> opened = new AtomicReference<>();
        ScopeListener cancels = new ScopeListener() {
            @Override
            public void taskSpawned(Task<?> task) {
                opened.get().cancel();
            }
        };
        Recorder recorder = new Recorder();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(cancels).withListener(recorder));
        scopes.run("run", scope -> {
            opened.set(scope);
            scope.spawn("task", () -> 1);
        });

        assertThat(recorder.of("task")).startsWith("spawned").endsWith("ended");
    }

    // ---- scopes ----

    /** The opener is about to notify of the child, as another thread cancels the parent. */
    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void child_isOpenedAsItsParentIsCancelled_openedComesFirst(Harness harness) throws InterruptedException {
        openAsTheParentIsCancelled(harness, (scopes, parent) -> scopes.run("child", child -> {}));
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void sharedChild_isOpenedAsItsParentIsCancelled_openedComesFirst(Harness harness) throws InterruptedException {
        openAsTheParentIsCancelled(harness, (scopes, parent) -> {
            OpenScope child = parent.fork().openShared("child");
            catchThrowable(child::join);
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void resource_isOpenedAsItsParentIsCancelled_openedComesFirst(Harness harness) throws InterruptedException {
        openAsTheParentIsCancelled(harness, (scopes, parent) -> {
            try (OpenScope child = scopes.open("child")) {
                child.join();
            }
        });
    }

    private interface Opening {
        void open(ScopeFactory scopes, Scope parent);
    }

    private static void openAsTheParentIsCancelled(Harness harness, Opening opening) throws InterruptedException {
        CountDownLatch opens = new CountDownLatch(1);
        CountDownLatch overtaken = new CountDownLatch(1);
        ScopeListener slow = new ScopeListener() {
            @Override
            public void scopeOpened(Scope scope) {
                if (scope.name().equals("child")) {
                    opens.countDown();
                    aMoment(overtaken);
                }
            }
        };
        Recorder recorder = new Recorder() {
            @Override
            void record(String event, String name) {
                super.record(event, name);
                if (event.equals("cancelled") && name.equals("child")) {
                    overtaken.countDown();
                }
            }
        };
        ScopeFactory scopes = harness.scopes(f -> f.withListener(slow).withListener(recorder));
        AtomicReference<Scope> opened = new AtomicReference<>();
        Aside<?> owner = Aside.run(
                harness,
                () -> scopes.run("parent", parent -> {
                    opened.set(parent);
                    opening.open(scopes, parent);
                }));
        Briefly.await(opens);
        opened.get().cancel();

        assertThat(owner.failure()).isNull();
        assertThat(recorder.of("child")).containsExactly("opened", "cancelled", "closed");
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY})
    void children_openedInTasksAsTheParentIsCancelled_openedComesFirst(Harness harness) {
        Recorder recorder = new Recorder();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(recorder));
        for (int round = 0; round < ROUNDS; round++) {
            String name = "child-" + round;
            scopes.run("parent", parent -> {
                parent.spawn("opener", () -> scopes.run(name, child -> {}));
                Blocking.spin(round(parent));
                parent.cancel();
            });
            List<String> events = recorder.of(name);
            if (!events.isEmpty()) {
                assertThat(events).startsWith("opened").endsWith("closed");
            }
        }
    }

    // ---- what is observed when ----

    /** What the listener saw of its subject at an event that did not hold. */
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

    private void expect(boolean holds, String what) {
        if (!holds) {
            wrong.add(what);
        }
    }

    private ScopeListener observer(Consumer<Task<?>> atEnd) {
        return new ScopeListener() {
            @Override
            public void scopeOpened(Scope scope) {
                expect(scope.state() == Scope.State.OPEN, "opened: " + scope.state());
            }

            @Override
            public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
                expect(scope.isCancelled(), "cancelled, but isCancelled() is false");
            }

            @Override
            public void scopeClosed(Scope scope, ScopeOutcome outcome) {
                expect(scope.snapshot().tasks().isEmpty(), "closed with live tasks");
                expect(scope.trySpawn("late", () -> 1, t -> t).isEmpty(), "closed, but takes tasks");
            }

            @Override
            public void taskSpawned(Task<?> task) {
                expect(!task.isDone(), "spawned, but done");
            }

            @Override
            public void taskStarted(Task<?> task, long waitNanos) {
                expect(task.status() == Task.Status.RUNNING, "started: " + task.status());
            }

            @Override
            public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
                expect(task.isDone(), "ended, but not done");
                atEnd.accept(task);
            }
        };
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void listener_tasksSucceed_observesEachStepWhenItIsTaken(Harness harness) {
        ScopeFactory scopes = harness.scopes(f -> f.withListener(
                observer(task -> expect(task.status() == Task.Status.SUCCEEDED, "ended: " + task.status()))));
        scopes.run("run", scope -> {
            scope.spawn("a", () -> 1);
            scope.spawn("b", () -> 2).join();
        });

        assertThat(wrong).isEmpty();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE})
    void listener_taskFails_observesTheTaskDoneAndAtItsWaiterTheScopeCancelled(Harness harness) {
        IllegalArgumentException failure = new IllegalArgumentException("task");
        ScopeFactory scopes = harness.scopes(f -> f.withListener(
                observer(task -> expect(task.status() == Task.Status.FAILED, "ended: " + task.status()))));
        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> {
            Task<?> task = scope.spawn("task", () -> {
                throw failure;
            });
            assertThat(catchThrowable(Briefly::untilInterrupted)).isInstanceOf(InterruptedException.class);
            expect(task.isDone(), "the scope has failed, but the task is not done");
        }));

        assertThat(thrown).isSameAs(failure);
        assertThat(wrong).isEmpty();
    }
}
