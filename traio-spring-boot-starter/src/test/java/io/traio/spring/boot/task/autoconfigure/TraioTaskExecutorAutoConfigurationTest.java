// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.FactoryOptions;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.spring.boot.factory.ScopeFactoryCustomizer;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.task.SimpleAsyncTaskExecutorCustomizer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.SyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

class TraioTaskExecutorAutoConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withUserConfiguration(Recorder.class)
            .withConfiguration(AutoConfigurations.of(
                    TaskExecutionAutoConfiguration.class,
                    TraioTaskExecutorAutoConfiguration.class,
                    ScopeFactoryAutoConfiguration.class));

    @Test
    void traioTaskExecutor_byDefault_runsTheTasks() {
        runner.run(context -> {
            assertThat(threadName(context)).startsWith("traio-");
            assertThat(options(context).executor()).isSameAs(context.getBean("traioTaskExecutor"));
            assertThat(options(context).compensation()).isFalse();
        });
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_newerJdk_hasVirtualThreads() {
        runner.run(context -> {
            assertThat(context.getBean("traioTaskExecutor")).isInstanceOf(SimpleAsyncTaskExecutor.class);
            assertThat(isVirtual(context)).isTrue();
        });
    }

    /** So that it finds its scope without a thread local. */
    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_virtualThread_knowsItsTask() {
        runner.run(context -> assertThat(handler(context)).isInstanceOf(Task.class));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_decoratedTask_runsOnAPlainVirtualThread() {
        runner.withBean(TaskDecorator.class, () -> task -> () -> task.run()).run(context -> {
            assertThat(isVirtual(context)).isTrue();
            assertThat(threadName(context)).isEqualTo("traio-2");
            assertThat(handler(context)).isInstanceOf(ThreadGroup.class);
        });
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_customizerTurnsVirtualThreadsOff_hasPlatformThreads() {
        runner.withBean(SimpleAsyncTaskExecutorCustomizer.class, () -> executor -> executor.setVirtualThreads(false))
                .run(context -> {
                    assertThat(isVirtual(context)).isFalse();
                    assertThat(threadName(context)).startsWith("traio-");
                });
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_customizerTurnsVirtualThreadsOn_areStillOurs() {
        runner.withBean(SimpleAsyncTaskExecutorCustomizer.class, () -> executor -> executor.setVirtualThreads(true))
                .run(context -> assertThat(handler(context)).isInstanceOf(Task.class));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_threadFactoryOfACustomizer_isKept() {
        runner.withBean(
                        SimpleAsyncTaskExecutorCustomizer.class,
                        () -> executor -> executor.setThreadFactory(task -> new Thread(task, "theirs")))
                .run(context -> assertThat(threadName(context)).isEqualTo("theirs"));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_threadNamePrefixOfACustomizer_isKept() {
        runner.withBean(
                        SimpleAsyncTaskExecutorCustomizer.class,
                        () -> executor -> executor.setThreadNamePrefix("theirs-"))
                .run(context -> assertThat(threadName(context)).isEqualTo("theirs-1"));
    }

    private static Thread.UncaughtExceptionHandler handler(AssertableApplicationContext context) {
        return context.getBean(ScopeFactory.class)
                .call(
                        "handler",
                        scope -> scope.spawn(() -> Thread.currentThread().getUncaughtExceptionHandler())
                                .join());
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_virtualThreadsRefused_hasPlatformThreads() {
        runner.withPropertyValues("spring.threads.virtual.enabled=false").run(context -> {
            assertThat(isVirtual(context)).isFalse();
            assertThat(threadName(context)).startsWith("traio-");
        });
    }

    @Test
    void traioTaskExecutor_platformThreads_hasOneForEachTask() {
        runner.withPropertyValues("spring.threads.virtual.enabled=false", "spring.task.execution.pool.core-size=1")
                .run(context -> {
                    assertThat(options(context).compensation()).isFalse();
                    ScopeFactory scopes = context.getBean(ScopeFactory.class);
                    CountDownLatch all = new CountDownLatch(20);
                    scopes.run("all at once", scope -> {
                        for (int i = 0; i < 20; i++) {
                            scope.spawn(() -> {
                                all.countDown();
                                all.await();
                                return null;
                            });
                        }
                    });
                });
    }

    @Test
    void traioTaskExecutor_applicationsOwnLimit_isNotLimited() {
        runner.withPropertyValues("spring.task.execution.simple.concurrency-limit=1")
                .run(context -> assertThat(threadName(context)).startsWith("traio-"));
    }

    @Test
    void applicationTaskExecutor_besideOurs_isStillTheDefault() {
        runner.run(context -> {
            assertThat(context).hasBean("applicationTaskExecutor");
            assertThat(context.getBean(AsyncTaskExecutor.class)).isSameAs(context.getBean("applicationTaskExecutor"));
        });
    }

    @Test
    void taskDecorator_bean_decoratesTasks() {
        List<String> decorated = new ArrayList<>();
        runner.withBean(TaskDecorator.class, () -> task -> {
                    decorated.add("once");
                    return task;
                })
                .run(context -> threadName(context));
        assertThat(decorated).containsExactly("once");
    }

    @Test
    void contextClosed_scopeLives_isCancelledBeforeItsThreadsGo() {
        AtomicReference<Scope.State> state = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Map<String, Boolean> cleanedUp = new ConcurrentHashMap<>();
        AtomicReference<Scope> live = new AtomicReference<>();
        runner.run(context -> {
            live.set(context.getBean(ScopeFactory.class).openShared("live"));
            live.get().spawn("blocks", () -> {
                started.countDown();
                try {
                    new CountDownLatch(1).await();
                } finally {
                    cleanedUp.put("done", live.get().isCancelled());
                }
                return null;
            });
            started.await();
            state.set(live.get().state());
        });
        assertThat(state).hasValue(Scope.State.OPEN);
        assertThat(live.get().state()).isEqualTo(Scope.State.CLOSED);
        assertThat(cleanedUp).containsEntry("done", true);
    }

    @Test
    void task_whileTheContextCloses_canStillBeSpawned() {
        AtomicReference<Boolean> ran = new AtomicReference<>();
        runner.withPropertyValues("spring.threads.virtual.enabled=false")
                .withBean(StopsFirst.class)
                .run(context -> {
                    OpenScope live = context.getBean(ScopeFactory.class).openShared("live");
                    context.getBean(StopsFirst.class).action = () -> ran.set(live.<Boolean>await(() -> true));
                });
        assertThat(ran).hasValue(true);
    }

    /** Otherwise the executor would wait for the task, for as long as the phase may take, and only then its scope is cancelled. */
    @Test
    void traioTaskExecutor_taskOfALiveScope_doesNotHoldUpTheStop() {
        CountDownLatch started = new CountDownLatch(1);
        DefaultLifecycleProcessor patient = new DefaultLifecycleProcessor();
        patient.setTimeoutPerShutdownPhase(TimeUnit.HOURS.toMillis(1));
        AtomicReference<OpenScope> live = new AtomicReference<>();
        runner.withPropertyValues("spring.threads.virtual.enabled=false")
                .withBean("lifecycleProcessor", DefaultLifecycleProcessor.class, () -> patient)
                .run(context -> {
                    live.set(context.getBean(ScopeFactory.class).openShared("live"));
                    live.get().spawn(() -> {
                        started.countDown();
                        new CountDownLatch(1).await();
                        return null;
                    });
                    started.await();
                });
        assertThat(live.get().state()).isEqualTo(Scope.State.CLOSED);
    }

    @Test
    void traioTaskExecutor_shutdownProperties_holdForIt() {
        waitsForItsTasks("spring.threads.virtual.enabled=false");
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void traioTaskExecutor_shutdownPropertiesWithVirtualThreads_holdForIt() {
        waitsForItsTasks("spring.threads.virtual.enabled=true");
    }

    /** With work that belongs to no scope, for which no scope waits. */
    private void waitsForItsTasks(String threads) {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        AtomicReference<String> outcome = new AtomicReference<>();
        AtomicReference<CompletableFuture<Void>> ending = new AtomicReference<>();
        runner.withPropertyValues(
                        threads,
                        "spring.task.execution.shutdown.await-termination=true",
                        "spring.task.execution.shutdown.await-termination-period=30s")
                .run(context -> {
                    AsyncTaskExecutor executor = context.getBean("traioTaskExecutor", AsyncTaskExecutor.class);
                    executor.execute(() -> {
                        started.countDown();
                        try {
                            end.await();
                            outcome.set("ended");
                        } catch (InterruptedException e) {
                            outcome.set("interrupted");
                        }
                    });
                    started.await();
                    ending.set(CompletableFuture.runAsync(() -> {
                        await().until(() -> isShutDown(executor));
                        end.countDown();
                    }));
                });
        ending.get().join();
        assertThat(outcome).hasValue("ended");
    }

    private static boolean isShutDown(AsyncTaskExecutor executor) {
        return executor instanceof ThreadPoolTaskExecutor pool
                ? pool.getThreadPoolExecutor().isShutdown()
                : !((SimpleAsyncTaskExecutor) executor).isActive();
    }

    /** Does something in the phase that is stopped first. */
    static class StopsFirst implements SmartLifecycle {

        Runnable action = () -> {};
        private volatile boolean running;

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            action.run();
        }

        @Override
        public boolean isRunning() {
            return running;
        }
    }

    @Test
    void traioTaskExecutor_ownBeanOfThisName_isThatOne() {
        runner.withUserConfiguration(OwnExecutor.class).run(context -> {
            assertThat(options(context).executor()).isSameAs(context.getBean("traioTaskExecutor"));
            assertThat(options(context).compensation()).isTrue();
            assertThat(context.getBean("traioTaskExecutor", ThreadPoolTaskExecutor.class)
                            .getThreadNamePrefix())
                    .isEqualTo("own-");
        });
    }

    @Test
    void executor_namesABoundedPool_nestsWithoutDeadlock() {
        runner.withUserConfiguration(OnePoolThread.class)
                .withPropertyValues("traio.executor=onePoolThread")
                .run(context -> {
                    assertThat(options(context).compensation()).isTrue();
                    ScopeFactory scopes = context.getBean(ScopeFactory.class);
                    assertThat(nested(scopes, 3)).isEqualTo(1000);
                });
    }

    @Test
    void executor_namesTheApplications_isThatOne() {
        runner.withPropertyValues("traio.executor=applicationTaskExecutor")
                .run(context ->
                        assertThat(options(context).executor()).isSameAs(context.getBean("applicationTaskExecutor")));
    }

    @Test
    void executor_namesAPlainExecutorService_runsTasksThere() {
        runner.withBean("plain", ExecutorService.class, Executors::newCachedThreadPool)
                .withPropertyValues("traio.executor=plain")
                .run(context -> {
                    assertThat(threadName(context)).startsWith("pool-");
                    assertThat(options(context).compensation()).isFalse();
                });
    }

    @Test
    void executor_runsInTheCallersThread_works() {
        runner.withBean("sync", SyncTaskExecutor.class, SyncTaskExecutor::new)
                .withPropertyValues("traio.executor=sync")
                .run(context -> assertThat(threadName(context))
                        .isEqualTo(Thread.currentThread().getName()));
    }

    @Test
    void executor_namesNoBean_failsNamingThePropertyAndTheCandidates() {
        runner.withConfiguration(AutoConfigurations.of(ScopeTaskExecutorAutoConfiguration.class))
                .withPropertyValues("traio.executor=nobody")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                        .hasMessageContaining("traio.executor")
                        .hasMessageContaining("There is no bean of this name")
                        .hasMessageContaining("applicationTaskExecutor")
                        .hasMessageContaining("traioTaskExecutor")
                        .hasMessageNotContaining("scopeTaskExecutor"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "text"})
    void executor_wrong_candidatesHaveNoLimitOfTheirOwn(String wrong) {
        runner.withUserConfiguration(Candidates.class)
                .withBean("text", String.class, () -> "not an executor")
                .withPropertyValues("traio.executor=" + wrong)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                        .hasMessageContaining("[unlimited, traioTaskExecutor]"));
    }

    @Test
    void executor_namesNoBeanAndNobodyNeedsIt_failsAllTheSame() {
        runner.withBean("own", ScopeFactory.class, ScopeFactory::create)
                .withPropertyValues("traio.executor=nobody", "traio.async.enabled=false")
                .run(context -> assertThat(context)
                        .getFailure()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                        .hasMessageContaining("traio.executor"));
    }

    @Test
    void executor_namesAnotherKindOfBean_failsNamingItsType() {
        runner.withBean("text", String.class, () -> "not an executor")
                .withPropertyValues("traio.executor=text")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("traio.executor")
                        .hasMessageContaining("java.lang.String"));
    }

    @Test
    void executor_blocksWhenItsLimitIsReached_isRefused() {
        runner.withPropertyValues(
                        "traio.executor=applicationTaskExecutor", "spring.task.execution.simple.concurrency-limit=2")
                .withBean("applicationTaskExecutor", SimpleAsyncTaskExecutor.class, () -> {
                    SimpleAsyncTaskExecutor limited = new SimpleAsyncTaskExecutor();
                    limited.setConcurrencyLimit(2);
                    return limited;
                })
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("traio.executor")
                        .hasMessageContaining("concurrency limit"));
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void start_wrongExecutor_printsWhatToDo(CapturedOutput output) {
        SpringApplication application = new SpringApplication(OnlyTraio.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        try {
            application.run("--traio.executor=nobody").close();
        } catch (RuntimeException expected) {
            assertThat(output)
                    .contains("APPLICATION FAILED TO START")
                    .contains("Invalid value 'nobody' for configuration property 'traio.executor'")
                    .contains("There is no bean of this name.");
            return;
        }
        throw new AssertionError("The application started");
    }

    @Test
    void traioTaskExecutor_disabled_isMissingAndTasksRunOnTraiosThreads() {
        runner.withPropertyValues("traio.task-executor.enabled=false").run(context -> {
            assertThat(context).doesNotHaveBean("traioTaskExecutor");
            assertThat(options(context).executor()).isNull();
            assertThat(isVirtual(context)).isEqualTo(Runtime.version().feature() >= 21);
        });
    }

    @Test
    void executor_ofCustomizer_wins() {
        Executor mine = Runnable::run;
        runner.withBean(
                        "mine",
                        ScopeFactoryCustomizer.class,
                        () -> options -> options.withExecutor(mine).withCompensation(true))
                .run(context -> assertThat(threadName(context))
                        .isEqualTo(Thread.currentThread().getName()));
    }

    @Test
    void everything_traioDisabled_isMissing() {
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean("traioTaskExecutor")
                        .doesNotHaveBean(TraioTaskExecutorAutoConfiguration.class));
    }

    @Test
    void traioTaskExecutor_withoutBootsBuilders_isThereAllTheSame() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        TraioTaskExecutorAutoConfiguration.class, ScopeFactoryAutoConfiguration.class))
                .run(context -> assertThat(threadName(context)).startsWith("traio-"));
    }

    private static String threadName(AssertableApplicationContext context) {
        return context.getBean(ScopeFactory.class)
                .call("where", scope -> scope.await(() -> Thread.currentThread().getName()));
    }

    private static boolean isVirtual(AssertableApplicationContext context) {
        return context.getBean(ScopeFactory.class)
                .call(
                        "where",
                        scope -> scope.await(
                                () -> Thread.currentThread().getThreadGroup().getName()))
                .equals("VirtualThreads");
    }

    private static int nested(ScopeFactory scopes, int levels) {
        if (levels == 0) {
            return 1;
        }
        return scopes.call("level " + levels, scope -> {
            List<Task<Integer>> tasks = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                tasks.add(scope.spawn(() -> nested(scopes, levels - 1)));
            }
            return tasks.stream().mapToInt(Task::join).sum();
        });
    }

    private static FactoryOptions options(AssertableApplicationContext context) {
        FactoryOptions seen = context.getBean(Recorder.class).seen;
        assertThat(seen).isNotNull();
        return seen;
    }

    /** Writes down the options that a customizer gets to see. */
    @Order(0)
    static class Recorder implements ScopeFactoryCustomizer {

        @Nullable
        FactoryOptions seen;

        @Override
        public FactoryOptions customize(FactoryOptions options) {
            seen = options;
            return options;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnExecutor {

        @Bean
        ThreadPoolTaskExecutor traioTaskExecutor() {
            ThreadPoolTaskExecutor pool = new ThreadPoolTaskExecutor();
            pool.setThreadNamePrefix("own-");
            return pool;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Candidates {

        /** Created when it is used, as Boot's own is. */
        @Bean
        @Lazy
        SimpleAsyncTaskExecutor applicationTaskExecutor() {
            SimpleAsyncTaskExecutor limited = new SimpleAsyncTaskExecutor();
            limited.setConcurrencyLimit(2);
            return limited;
        }

        @Bean(defaultCandidate = false)
        SimpleAsyncTaskExecutor unlimited() {
            return new SimpleAsyncTaskExecutor();
        }

        @Bean(defaultCandidate = false)
        @Lazy
        SimpleAsyncTaskExecutor broken() {
            throw new IllegalStateException("no threads");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OnePoolThread {

        @Bean(defaultCandidate = false)
        ThreadPoolTaskExecutor onePoolThread() {
            ThreadPoolTaskExecutor pool = new ThreadPoolTaskExecutor();
            pool.setCorePoolSize(1);
            pool.setMaxPoolSize(1);
            return pool;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        TaskExecutionAutoConfiguration.class,
        TraioTaskExecutorAutoConfiguration.class,
        ScopeFactoryAutoConfiguration.class
    })
    static class OnlyTraio {}
}
