// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.inscope.InScope;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Contexts that have been closed leave nothing behind in the process. */
@Timeout(180)
class LeakTest {

    private static final int REFRESHES = 50;

    @Test
    void contexts_openedAndClosedManyTimes_leaveNothing() throws Exception {
        use();
        Set<String> threads = threads();
        int accessors = ContextRegistry.getInstance().getThreadLocalAccessors().size();
        List<WeakReference<ConfigurableApplicationContext>> closed = new ArrayList<>();
        for (int i = 0; i < REFRESHES; i++) {
            closed.add(new WeakReference<>(use()));
        }
        assertThat(ContextRegistry.getInstance().getThreadLocalAccessors()).hasSize(accessors);
        assertThat(ManagementFactory.getPlatformMBeanServer()
                        .queryNames(new ObjectName("org.springframework.boot:type=Endpoint,*"), null))
                .isEmpty();
        eventually(
                () -> threads().stream().filter(name -> !threads.contains(name)).toList());
        // Spring's logging keeps the last one.
        eventually(() -> closed.stream()
                .limit(REFRESHES - 1)
                .map(Reference::get)
                .filter(Objects::nonNull)
                .toList());
    }

    /** Runs an application, with timers, tasks, an endpoint and proxies; returns its closed context. */
    static ConfigurableApplicationContext use() {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.main.banner-mode=off",
                        "--logging.level.org=warn",
                        // Its scheduler keeps the class loader of whoever comes first.
                        "--management.prometheus.metrics.export.enabled=false",
                        "--spring.jmx.enabled=true",
                        "--management.endpoints.jmx.exposure.include=scopes");
        context.getBean(Work.class).work();
        OpenScope forgotten = context.getBean(ScopeFactory.class)
                .openShared("forgotten", s -> s.withTimeout(Duration.ofHours(1)).withEndless(true));
        forgotten.spawn(() -> new CountDownLatch(1).await());
        context.close();
        return context;
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("traio"))
                .collect(Collectors.toSet());
    }

    /** Waits until nothing is left, at most ten seconds; collects garbage meanwhile. */
    private static void eventually(Supplier<List<?>> left) throws InterruptedException {
        long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!left.get().isEmpty() && System.nanoTime() < until) {
            System.gc();
            Thread.sleep(50);
        }
        assertThat(left.get()).isEmpty();
    }

    static class Work {

        @InScope(timeout = "1h")
        public void work() {
            Scope.requireCurrent().spawn(() -> {});
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean
        Work work() {
            return new Work();
        }
    }
}
