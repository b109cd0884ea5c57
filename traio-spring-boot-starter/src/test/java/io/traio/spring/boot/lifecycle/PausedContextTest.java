// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * Contexts that are paused, as those of tests are between the test classes. On platform threads, whose pool would wait for
 * its tasks.
 */
@Timeout(20)
class PausedContextTest {

    private ConfigurableApplicationContext context;
    private ScopeFactory scopes;

    @BeforeEach
    void start() {
        context = new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.main.banner-mode=off",
                        "--spring.threads.virtual.enabled=false",
                        "--traio.lifecycle.drain-timeout=0",
                        "--spring.lifecycle.timeout-per-shutdown-phase=60s");
        scopes = context.getBean(ScopeFactory.class);
    }

    @AfterEach
    void close() {
        context.close();
    }

    /** Opens a scope with a task that waits until it is cancelled, and has started. */
    private OpenScope openWithTask() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        Database database = context.getBean(Database.class);
        OpenScope live = scopes.openShared("live");
        live.spawn("query", () -> {
            started.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                database.usedWhenClosed |= database.closed;
            }
            return null;
        });
        started.await();
        return live;
    }

    @Test
    void pause_scopeIsLive_doesNotWaitForIt() throws Exception {
        OpenScope live = openWithTask();
        long before = System.nanoTime();
        context.pause();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        assertThat(live.state()).isEqualTo(Scope.State.OPEN);
    }

    @Test
    void stop_scopeIsLive_doesNotWaitForIt() throws Exception {
        OpenScope live = openWithTask();
        long before = System.nanoTime();
        context.stop();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
        assertThat(live.state()).isEqualTo(Scope.State.OPEN);
    }

    @Test
    void restart_afterPause_scopesRunOn() throws Exception {
        OpenScope live = openWithTask();
        context.pause();
        context.restart();
        assertThat(live.spawn("more", () -> "ran").join()).isEqualTo("ran");
        assertThat(scopes.<String>call("fresh", scope -> scope.await(() -> "ran")))
                .isEqualTo("ran");
    }

    @Test
    void close_afterPause_endsScopesBeforeOtherBeansGo() throws Exception {
        OpenScope live = openWithTask();
        Database database = context.getBean(Database.class);
        context.pause();
        context.close();
        assertThat(live.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(database.usedWhenClosed).isFalse();
    }

    @Test
    void close_afterStop_endsScopesBeforeOtherBeansGo() throws Exception {
        OpenScope live = openWithTask();
        Database database = context.getBean(Database.class);
        context.stop();
        context.close();
        assertThat(live.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(database.usedWhenClosed).isFalse();
    }

    /** Destroyed before the factory, as a bean is that uses it. */
    static class Database implements DisposableBean {

        volatile boolean closed;
        volatile boolean usedWhenClosed;

        @Override
        public void destroy() {
            closed = true;
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean
        Database database(ScopeFactory scopes) {
            return new Database();
        }
    }
}
