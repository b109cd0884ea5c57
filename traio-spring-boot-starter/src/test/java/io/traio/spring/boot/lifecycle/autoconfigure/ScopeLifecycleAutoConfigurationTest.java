// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.lifecycle.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.lifecycle.ScopeFactoryLifecycle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class ScopeLifecycleAutoConfigurationTest {

    private final Outcomes outcomes = new Outcomes();
    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    LifecycleAutoConfiguration.class,
                    ScopeFactoryAutoConfiguration.class,
                    ScopeLifecycleAutoConfiguration.class))
            .withBean(ScopeListener.class, () -> outcomes);

    @Test
    void application_shutDownWithLiveScopes_drainsThemAndCancelsTheRest() {
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch draining = new CountDownLatch(1);
        runner.withPropertyValues("traio.lifecycle.drain-timeout=1s")
                .withBean("later", SmartLifecycle.class, () -> new Later(draining))
                .run(context -> {
                    ScopeFactory scopes = context.getBean(ScopeFactory.class);
                    OpenScope quick = scopes.openShared("quick");
                    quick.spawn("alpha", () -> {
                        started.countDown();
                        draining.await();
                        return null;
                    });
                    quick.complete();
                    scopes.openShared("slow").spawn("beta", () -> {
                        started.countDown();
                        new CountDownLatch(1).await();
                        return null;
                    });
                    started.await();
                });
        assertThat(outcomes.reasons).containsOnlyKeys("quick", "slow").containsEntry("slow", CancelReason.SHUTDOWN);
    }

    @Test
    void scopes_whileLaterPhasesStop_canBeOpened() {
        runner.withUserConfiguration(OpensAtStop.class).run(context -> {});
        assertThat(outcomes.reasons).containsKey("before");
        assertThat(OpensAtStop.failures)
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("after")
                        .hasMessageContaining("factory is closed"));
    }

    @Test
    void context_stoppedAndStartedAgain_opensScopes() {
        runner.run(context -> {
            context.getSourceApplicationContext().stop();
            context.getSourceApplicationContext().start();
            context.getBean(ScopeFactory.class).run("again", scope -> {});
            assertThat(context.getBean(ScopeFactoryLifecycle.class).isRunning()).isTrue();
        });
        assertThat(outcomes.reasons).containsKey("again");
    }

    @Test
    void childContext_closed_leavesTheFactoryOfTheParentOpen() {
        runner.run(parent -> {
            new ApplicationContextRunner()
                    .withParent(parent)
                    .withConfiguration(AutoConfigurations.of(
                            LifecycleAutoConfiguration.class,
                            ScopeFactoryAutoConfiguration.class,
                            ScopeLifecycleAutoConfiguration.class))
                    .run(child -> assertThat(child.getBeanFactory().getBeanNamesForType(ScopeFactoryLifecycle.class))
                            .isEmpty());
            parent.getBean(ScopeFactory.class).run("still", scope -> {});
        });
        assertThat(outcomes.reasons).containsKey("still");
    }

    @Test
    void lifecycle_disabled_isMissing() {
        runner.withPropertyValues("traio.lifecycle.enabled=false")
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopeFactory.class)
                        .doesNotHaveBean(ScopeFactoryLifecycle.class));
    }

    @Test
    void lifecycle_traioDisabled_isMissing() {
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ScopeFactoryLifecycle.class));
    }

    @Test
    void lifecycle_ownBeanThere_isThatOne() {
        runner.withBean(
                        "own",
                        ScopeFactoryLifecycle.class,
                        () -> new ScopeFactoryLifecycle(List.of(), Duration.ofSeconds(1), Duration.ZERO, () -> true))
                .run(context -> assertThat(context)
                        .getBeanNames(ScopeFactoryLifecycle.class)
                        .containsExactly("own"));
    }

    @Test
    void start_drainTimeoutNegative_failsNamingTheProperty() {
        runner.withPropertyValues("traio.lifecycle.drain-timeout=-1s")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                        .hasMessageContaining("traio.lifecycle.drain-timeout"));
    }

    @ParameterizedTest
    @CsvSource({
        "PT30S, , PT29.5S, PT9.833S",
        "PT1S, , PT0.9S, PT0.3S",
        "PT30S, PT5S, PT29.5S, PT5S",
        "PT30S, PT0S, PT29.5S, PT0S",
        "PT30S, PT50S, PT29.5S, PT29.5S",
    })
    void timeouts_ofPhaseAndDrain_fitIntoThePhase(
            Duration phase, Duration drain, Duration expectedWithin, Duration expectedDrain) {
        Duration within = ScopeLifecycleAutoConfiguration.withinPhase(phase);
        assertThat(within).isEqualTo(expectedWithin);
        assertThat(ScopeLifecycleAutoConfiguration.drainTimeout(drain, within)).isEqualTo(expectedDrain);
    }

    @Test
    void refusal_afterShutdown_isClear() {
        ScopeFactory[] factory = new ScopeFactory[1];
        runner.run(context -> factory[0] = context.getBean(ScopeFactory.class));
        assertThatIllegalStateException()
                .isThrownBy(() -> factory[0].run("late", scope -> {}))
                .withMessageContaining("scope 'late'")
                .withMessageContaining("factory is closed");
    }

    private static final class Outcomes implements ScopeListener {

        final Map<String, CancelReason> reasons = new ConcurrentHashMap<>();

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            reasons.put(scope.name(), outcome.reason() != null ? outcome.reason() : CancelReason.EXPLICIT);
        }
    }

    /** Stops in the same phase: signals that draining has begun. */
    private static final class Later implements SmartLifecycle {

        private final CountDownLatch stopping;
        private volatile boolean running;

        Later(CountDownLatch stopping) {
            this.stopping = stopping;
        }

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            running = false;
            stopping.countDown();
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public int getPhase() {
            return ScopeFactoryLifecycle.PHASE;
        }
    }

    /** Opens one scope in the phase before that of the factory's life cycle, and one in the phase after it. */
    @Configuration(proxyBeanMethods = false)
    static class OpensAtStop {

        static final List<Throwable> failures = new CopyOnWriteArrayList<>();

        @Bean
        SmartLifecycle webServer(ScopeFactory scopes) {
            return stopping(ScopeFactoryLifecycle.PHASE + 1, () -> scopes.run("before", scope -> {}));
        }

        @Bean
        SmartLifecycle executor(ScopeFactory scopes) {
            return stopping(ScopeFactoryLifecycle.PHASE - 1, () -> {
                try {
                    scopes.run("after", scope -> {});
                } catch (IllegalStateException e) {
                    failures.add(e);
                }
            });
        }

        private static SmartLifecycle stopping(int phase, Runnable atStop) {
            return new SmartLifecycle() {
                private volatile boolean running;

                @Override
                public void start() {
                    running = true;
                }

                @Override
                public void stop() {
                    running = false;
                    atStop.run();
                }

                @Override
                public boolean isRunning() {
                    return running;
                }

                @Override
                public int getPhase() {
                    return phase;
                }
            };
        }
    }
}
