// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.aop.interceptor.AsyncUncaughtExceptionHandler;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.AsyncConfigurer;
import org.springframework.scheduling.annotation.EnableAsync;

class ScopeTaskExecutorAutoConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withUserConfiguration(WithAsync.class)
            .withConfiguration(AutoConfigurations.of(
                    ScopeTaskExecutorAutoConfiguration.class,
                    TaskExecutionAutoConfiguration.class,
                    TraioTaskExecutorAutoConfiguration.class,
                    ScopeFactoryAutoConfiguration.class));

    @Test
    void async_qualified_isATaskOfTheScope() {
        runner.run(context -> {
            ScopeFactory scopes = context.getBean(ScopeFactory.class);
            Service service = context.getBean(Service.class);
            String where = scopes.call("work", scope -> {
                CompletableFuture<String> future = service.whereQualified();
                assertThat(scope.snapshot().tasks()).hasSize(1);
                context.getBean(Probe.class).mayGo.countDown();
                return future.get();
            });
            assertThat(where).startsWith("work on traio-");
        });
    }

    @Test
    void async_qualifiedReturningNothing_isJoined() {
        runner.run(context -> {
            Service service = context.getBean(Service.class);
            context.getBean(ScopeFactory.class).run("work", scope -> {
                service.note();
                context.getBean(Probe.class).mayGo.countDown();
            });
            assertThat(context.getBean(Probe.class).noted).isTrue();
        });
    }

    @Test
    void async_scopeCancelled_isInterrupted() {
        runner.run(context -> {
            Service service = context.getBean(Service.class);
            context.getBean(ScopeFactory.class).run("work", scope -> {
                service.untilInterrupted();
                context.getBean(Probe.class).started.await();
                scope.cancel();
            });
            assertThat(context.getBean(Probe.class).interrupted).isTrue();
        });
    }

    @Test
    void async_failure_isInItsFutureOnly() {
        runner.run(context -> context.getBean(ScopeFactory.class).run("work", scope -> {
            CompletableFuture<String> future = context.getBean(Service.class).fail();
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(future::get)
                    .withCauseInstanceOf(IllegalArgumentException.class);
            assertThat(scope.isCancelled()).isFalse();
        }));
    }

    @Test
    void async_unqualified_staysWithTheApplication() {
        runner.run(context -> {
            assertThat(context.getBean(AsyncTaskExecutor.class)).isSameAs(context.getBean("applicationTaskExecutor"));
            assertThat(context.getBean(Service.class).where().get()).startsWith("nowhere on task-");
        });
    }

    @Test
    void async_outsideAnyScope_isRefused() {
        runner.run(context -> assertThatExceptionOfType(TaskRejectedException.class)
                .isThrownBy(() -> context.getBean(Service.class).whereQualified())
                .withStackTraceContaining("No scope is current"));
    }

    @Test
    void async_outsideWithFallback_runsOnTheScopesExecutor() {
        runner.withPropertyValues("traio.async.outside=fallback").run(context -> {
            Service service = context.getBean(Service.class);
            context.getBean(Probe.class).mayGo.countDown();
            assertThat(service.whereQualified().get()).startsWith("nowhere on traio-");
        });
    }

    @Test
    void async_outsideWithFallbackAndPlainExecutor_runsThere() {
        runner.withPropertyValues("traio.async.outside=fallback", "traio.executor=plain")
                .withUserConfiguration(PlainExecutor.class)
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    context.getBean(Probe.class).mayGo.countDown();
                    assertThat(service.whereQualified().get()).startsWith("nowhere on plain");
                });
    }

    @Test
    void async_outsideWithFallbackAndNoExecutorBean_runsOnThreadsOfItsOwn() {
        runner.withPropertyValues("traio.async.outside=fallback", "traio.task-executor.enabled=false")
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    context.getBean(Probe.class).mayGo.countDown();
                    assertThat(service.whereQualified().get()).startsWith("nowhere on traio-");
                });
    }

    @Test
    void outside_unknownValue_failsNamingTheProperty() {
        runner.withPropertyValues("traio.async.outside=maybe")
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining("traio.async.outside"));
    }

    @Test
    void asyncDefault_unqualified_isATaskOfTheScope() {
        runner.withPropertyValues("traio.async.default=true").run(context -> {
            Service service = context.getBean(Service.class);
            String where = context.getBean(ScopeFactory.class)
                    .call("work", scope -> service.where().get());
            assertThat(where).startsWith("work on traio-");
        });
    }

    @Test
    void asyncDefault_failureOfMethodThatReturnsNothing_isThrownByTheScope() {
        runner.withPropertyValues("traio.async.default=true").run(context -> {
            Service service = context.getBean(Service.class);
            assertThatThrownBy(() -> context.getBean(ScopeFactory.class).run("work", scope -> {
                        service.failSilently();
                        new CountDownLatch(1).await();
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("silent");
        });
    }

    @Test
    void asyncDefault_ownAsyncConfigurer_isThatOne() {
        runner.withPropertyValues("traio.async.default=true")
                .withUserConfiguration(OwnAsyncConfigurer.class)
                .run(context -> {
                    assertThat(context).doesNotHaveBean("scopeAsyncConfigurer");
                    assertThat(context.getBean(Service.class).where().get()).startsWith("nowhere on own-");
                });
    }

    @Test
    void asyncDefault_notSet_addsNoAsyncConfigurer() {
        runner.run(context -> assertThat(context).doesNotHaveBean("scopeAsyncConfigurer"));
    }

    @Test
    void asyncDefault_withoutEnableAsync_starts() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        ScopeTaskExecutorAutoConfiguration.class,
                        TraioTaskExecutorAutoConfiguration.class,
                        ScopeFactoryAutoConfiguration.class))
                .withPropertyValues("traio.async.default=true")
                .run(context -> assertThat(context).hasNotFailed().hasBean("scopeTaskExecutor"));
    }

    @Test
    void scopeTaskExecutor_disabled_isMissing() {
        runner.withPropertyValues("traio.async.enabled=false", "traio.async.default=true")
                .run(context -> assertThat(context)
                        .doesNotHaveBean("scopeTaskExecutor")
                        .doesNotHaveBean("scopeAsyncConfigurer")
                        .hasBean("traioTaskExecutor"));
    }

    @Test
    void scopeTaskExecutor_traioDisabled_isMissing() {
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("scopeTaskExecutor"));
    }

    @Test
    void scopeTaskExecutor_ownBeanOfThisName_isThatOne() {
        SimpleAsyncTaskExecutor own = new SimpleAsyncTaskExecutor("mine-");
        runner.withBean("scopeTaskExecutor", SimpleAsyncTaskExecutor.class, () -> own)
                .run(context -> assertThat(context.getBean("scopeTaskExecutor")).isSameAs(own));
    }

    @Test
    void executor_namesScopeTaskExecutor_failsNamingTheProperty() {
        runner.withPropertyValues("traio.executor=scopeTaskExecutor")
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining("traio.executor"));
    }

    /** Fields of a proxied bean cannot be read from outside: hence this one. */
    static class Probe {

        final CountDownLatch mayGo = new CountDownLatch(1);
        final CountDownLatch started = new CountDownLatch(1);
        final AtomicBoolean noted = new AtomicBoolean();
        final AtomicBoolean interrupted = new AtomicBoolean();
    }

    static class Service {

        private final Probe probe;

        Service(Probe probe) {
            this.probe = probe;
        }

        @Async("scopeTaskExecutor")
        CompletableFuture<String> whereQualified() throws InterruptedException {
            probe.mayGo.await();
            return CompletableFuture.completedFuture(here());
        }

        @Async
        CompletableFuture<String> where() {
            return CompletableFuture.completedFuture(here());
        }

        @Async("scopeTaskExecutor")
        void note() throws InterruptedException {
            probe.mayGo.await();
            probe.noted.set(true);
        }

        @Async("scopeTaskExecutor")
        void untilInterrupted() {
            probe.started.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                probe.interrupted.set(true);
            }
        }

        @Async("scopeTaskExecutor")
        CompletableFuture<String> fail() {
            throw new IllegalArgumentException("loud");
        }

        @Async
        void failSilently() {
            throw new IllegalArgumentException("silent");
        }

        private static String here() {
            return Scope.current().map(Scope::name).orElse("nowhere") + " on "
                    + Thread.currentThread().getName();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync(proxyTargetClass = true)
    static class WithAsync {

        @Bean
        Probe probe() {
            return new Probe();
        }

        @Bean
        Service service(Probe probe) {
            return new Service(probe);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class PlainExecutor {

        @Bean(defaultCandidate = false)
        Executor plain() {
            return task -> new Thread(task, "plain").start();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnAsyncConfigurer implements AsyncConfigurer {

        @Override
        public Executor getAsyncExecutor() {
            return new SimpleAsyncTaskExecutor("own-");
        }

        @Override
        public AsyncUncaughtExceptionHandler getAsyncUncaughtExceptionHandler() {
            return (failure, method, arguments) -> {};
        }
    }
}
