// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.Blocking;
import io.traio.EngineTest;
import io.traio.EngineTest.Threads;
import io.traio.FactoryOptions;
import io.traio.Harness;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.spi.ContextPropagator.Restorer;
import io.traio.spi.ContextPropagator.Snapshot;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** The virtual threads that are made for tasks: what they inherit, and what they know. */
@Timeout(20)
class TaskThreadsTest {

    private static final InheritableThreadLocal<String> INHERITABLE = new InheritableThreadLocal<>();

    private final List<String> steps = new CopyOnWriteArrayList<>();

    /** A context that notes how it is set. */
    private final class Noting implements Snapshot {

        @Override
        public Restorer set() {
            steps.add("set");
            return () -> steps.add("restored");
        }

        @Override
        public Restorer setOnNewThread() {
            steps.add("set on new thread");
            return () -> steps.add("restored");
        }
    }

    /** An executor with a thread for each task, made by the factory. */
    private static FactoryOptions onThreadsOf(ThreadFactory threads, FactoryOptions options) {
        Executor executor = command -> threads.newThread(command).start();
        return options.withExecutor(executor).withCompensation(false);
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreads_inAnExecutor_knowTheirTask() {
        ThreadFactory threads = FactoryOptions.virtualThreads("mine-");
        try (ScopeFactory scopes = ScopeFactory.create(f -> onThreadsOf(threads, f))) {
            scopes.run("run", scope -> {
                Task<Thread> task = scope.spawn(() -> {
                    assertThat(Scope.current()).containsSame(scope);
                    assertThat(Thread.currentThread().getUncaughtExceptionHandler())
                            .isInstanceOf(Task.class);
                    return Thread.currentThread();
                });
                assertThat(task.join().getName()).isEqualTo("mine-1");
                assertThat(task.join().isDaemon()).isTrue();
            });
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreads_madeForSomethingAroundATask_runItAsAnyThread() {
        ThreadFactory threads = FactoryOptions.virtualThreads("mine-");
        Executor decorating = command -> threads.newThread(() -> {
                    assertThat(Scope.current()).isEmpty();
                    command.run();
                    assertThat(Scope.current()).isEmpty();
                    steps.add("after the task");
                })
                .start();
        try (ScopeFactory scopes = ScopeFactory.create(
                f -> f.withExecutor(decorating).withCompensation(false).withPropagator(Noting::new))) {
            scopes.run(
                    "run",
                    scope -> assertThat(scope.spawn(Scope::current).join()).containsSame(scope));
        }
        Blocking.until("the decoration is through", () -> steps.contains("after the task"));
        assertThat(steps).containsExactly("set", "restored", "after the task");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void context_ofAThreadMadeForTheTask_isSetAsOnANewThread() {
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withPropagator(Noting::new))) {
            scopes.run("run", scope -> scope.spawn(() -> steps.add("work")));
        }
        assertThat(steps).containsExactly("set on new thread", "work", "restored");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void contexts_ofAThreadMadeForTheTask_areEachSetAsOnANewThread() {
        try (ScopeFactory scopes = ScopeFactory.create(
                f -> f.withPropagator(Noting::new).withPropagator(() -> null).withPropagator(Noting::new))) {
            scopes.run("run", scope -> scope.spawn(() -> steps.add("work")));
        }
        assertThat(steps).containsExactly("set on new thread", "set on new thread", "work", "restored", "restored");
    }

    @EngineTest(on = Threads.DEFAULT)
    void thread_ofATask_inheritsNoThreadLocals(Harness harness) {
        INHERITABLE.set("of the spawner");
        try {
            String seen = harness.scopes()
                    .call("run", scope -> scope.spawn(INHERITABLE::get).join());
            assertThat(seen).isNull();
        } finally {
            INHERITABLE.remove();
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void thread_ofATaskThatWaitedForAPermit_inheritsNothingOfTheTaskBefore() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            scopes.run("run", o -> o.withMaxConcurrency(1), scope -> {
                CountDownLatch secondWaits = new CountDownLatch(1);
                scope.spawn(() -> {
                    // Not removed: whoever starts the next task does so on this thread.
                    INHERITABLE.set("of the first task");
                    secondWaits.await();
                    return null;
                });
                Task<String> second = scope.spawn(INHERITABLE::get);
                secondWaits.countDown();
                assertThat(second.join()).isNull();
            });
        }
    }

    /** A canceller may not see yet what the owner has just written to its list. */
    @Test
    void task_thatACancellerHasMissed_doesNotRun() {
        List<Runnable> commands = new ArrayList<>();
        try (ScopeFactory scopes =
                ScopeFactory.create(f -> f.withExecutor(commands::add).withCompensation(false))) {
            OpenScope scope = scopes.open("run");
            Task<?> task = scope.spawn(() -> steps.add("work"));
            Members.clear((ScopeNode) scope);
            scope.cancel();
            assertThat(task.status()).isEqualTo(Task.Status.QUEUED);

            commands.get(0).run();

            assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
            scope.close();
        }
        assertThat(steps).isEmpty();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void thread_ofATask_hasTheContextClassLoaderOfTheSpawner() throws Exception {
        Thread here = Thread.currentThread();
        ClassLoader before = here.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[0]);
                ScopeFactory scopes = ScopeFactory.create()) {
            here.setContextClassLoader(loader);
            scopes.run(
                    "run",
                    scope -> assertThat(scope.spawn(() -> Thread.currentThread().getContextClassLoader())
                                    .join())
                            .isSameAs(loader));
        } finally {
            here.setContextClassLoader(before);
        }
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_20)
    void virtualThreads_olderJdk_areRefused() {
        assertThatThrownBy(() -> FactoryOptions.virtualThreads("mine-"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("This JDK has no virtual threads: they need 21 or later");
    }

    @Test
    void virtualThreads_nullPrefix_isRefused() {
        assertThatThrownBy(() -> FactoryOptions.virtualThreads(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("namePrefix");
    }
}
