// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import java.util.concurrent.ThreadFactory;

/** A thread of the user's own factory or executor keeps its name, whatever its task is called (section 3). */
@Spec("Threads")
class UsersThreadNameTest {

    @EngineTest(on = {Threads.FACTORY, Threads.POOL, Threads.ONE})
    void namedTask_doesNotRenameTheThread(ScopeFactory scopes) {
        String name = scopes.call(
                "run",
                scope -> scope.spawn("named", () -> Thread.currentThread().getName())
                        .get());

        assertThat(name).doesNotContain("named");
    }

    @EngineTest(on = Threads.FACTORY)
    void namedTask_onAThreadThatItsFactoryNamed_keepsThatName(Harness harness) {
        ThreadFactory named = command -> {
            Thread thread = harness.thread(command);
            thread.setName("mine");
            return thread;
        };
        String name = harness.scopes(f -> f.withThreadFactory(named))
                .call(
                        "run",
                        scope -> scope.spawn(
                                        "task", () -> Thread.currentThread().getName())
                                .join());

        assertThat(name).isEqualTo("mine");
    }

    @EngineTest(on = Threads.FACTORY)
    void unnamedTask_doesNotRenameTheThread(ScopeFactory scopes) {
        String name = scopes.call(
                "run",
                scope -> scope.spawn(() -> Thread.currentThread().getName()).get());

        assertThat(name).startsWith("task-thread-");
    }
}
