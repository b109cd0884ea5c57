// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stack traces of running tasks. */
class ScopeDumpTest {

    private final ScopeFactory scopes = ScopeFactory.create();
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private OpenScope scope;

    @BeforeEach
    void startTask() throws Exception {
        scope = scopes.openShared("dump", s -> s.withMaxConcurrency(1));
        scope.spawn("running", this::waitForTheEnd);
        scope.spawn("queued", () -> {});
        started.await();
    }

    @AfterEach
    void endTask() {
        end.countDown();
        scopes.close();
    }

    private Void waitForTheEnd() throws InterruptedException {
        started.countDown();
        end.await();
        return null;
    }

    @Test
    void dump_runningTask_showsWhereItIs() {
        List<StackTraceElement> stack = scope.dump().tasks().get(0).stack();
        assertThat(stack).anySatisfy(frame -> {
            assertThat(frame.getClassName()).isEqualTo(ScopeDumpTest.class.getName());
            assertThat(frame.getMethodName()).isEqualTo("waitForTheEnd");
        });
    }

    @Test
    void dump_taskOfAChild_showsWhereItIs() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        scope.fork().openShared("child").spawn("running", () -> {
            inside.countDown();
            end.await();
            return null;
        });
        inside.await();
        ScopeSnapshot child = scope.dump().children().get(0);
        assertThat(child.tasks().get(0).stack()).isNotEmpty();
    }

    @Test
    void dump_queuedTask_hasNoStack() {
        ScopeSnapshot.TaskSnapshot queued = scope.dump().tasks().get(1);
        assertThat(queued.status()).isEqualTo(Task.Status.QUEUED);
        assertThat(queued.stack()).isEmpty();
    }

    @Test
    void tasks_runningTask_hasNoStack() {
        assertThat(scope.snapshot().tasks().get(0).stack()).isEmpty();
    }
}
