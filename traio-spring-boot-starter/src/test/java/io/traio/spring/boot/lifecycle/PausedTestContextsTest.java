// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.annotation.DirtiesContext.HierarchyMode;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.context.TestPropertySource;

/**
 * Test classes one after the other, each with a context of its own on platform threads, as Spring's extension runs them: the
 * context of one is paused when the next one needs another. Spring's pool would hold that up for its tasks, 30 s a class.
 */
@Timeout(120)
class PausedTestContextsTest {

    private final Deque<TestContextManager> managers = new ArrayDeque<>();

    @AfterEach
    void close() {
        managers.forEach(manager -> manager.getTestContext().markApplicationContextDirty(HierarchyMode.EXHAUSTIVE));
    }

    @Test
    void testClasses_thatLeaveScopesOpen_holdNoOtherUp() throws Exception {
        long before = System.nanoTime();
        First first = run(new First());
        run(new Second());
        run(new Third());
        First again = run(new First());
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(25));
        assertThat(again.scopes).as("the context of the first class").isSameAs(first.scopes);
        assertThat(first.live.state()).isEqualTo(Scope.State.OPEN);
        assertThat(first.live.spawn("more", () -> "ran").join()).isEqualTo("ran");
    }

    private <T extends LeavesAScopeOpen> T run(T test) throws Exception {
        TestContextManager manager = new TestContextManager(test.getClass());
        managers.add(manager);
        manager.beforeTestClass();
        manager.prepareTestInstance(test);
        test.leaveAScopeOpen();
        manager.afterTestClass();
        return test;
    }

    @SpringBootTest(
            classes = LeavesAScopeOpen.App.class,
            webEnvironment = WebEnvironment.NONE,
            properties = {"spring.threads.virtual.enabled=false", "traio.lifecycle.drain-timeout=0"})
    abstract static class LeavesAScopeOpen {

        @Autowired
        ScopeFactory scopes;

        OpenScope live;

        void leaveAScopeOpen() throws InterruptedException {
            CountDownLatch started = new CountDownLatch(1);
            live = scopes.openShared("live");
            live.spawn("waits", () -> {
                started.countDown();
                new CountDownLatch(1).await();
            });
            started.await();
        }

        @Configuration(proxyBeanMethods = false)
        @EnableAutoConfiguration
        static class App {}
    }

    @TestPropertySource(properties = "test.number=1")
    static class First extends LeavesAScopeOpen {}

    @TestPropertySource(properties = "test.number=2")
    static class Second extends LeavesAScopeOpen {}

    @TestPropertySource(properties = "test.number=3")
    static class Third extends LeavesAScopeOpen {}
}
