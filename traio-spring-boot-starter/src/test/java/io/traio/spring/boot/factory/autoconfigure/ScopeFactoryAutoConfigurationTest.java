// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.traio.FactoryOptions;
import io.traio.LeakDetection;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import io.traio.spi.CancellationSignal;
import io.traio.spi.ContextPropagator;
import io.traio.spi.ScopeListener;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.factory.ScopeFactoryCustomizer;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

class ScopeFactoryAutoConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(ScopeFactoryAutoConfiguration.class));

    @Test
    void scopeFactory_byDefault_runsScopes() {
        runner.run(context -> {
            ScopeFactory scopes = context.getBean(ScopeFactory.class);
            int answer = scopes.call("answer", scope -> scope.spawn(() -> 42).join());
            assertThat(answer).isEqualTo(42);
        });
    }

    @Test
    void scopeFactory_traioDisabled_isMissing() {
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(ScopeFactory.class));
    }

    @Test
    void scopeFactory_ownBeanThere_isThatOne() {
        runner.withUserConfiguration(OwnFactory.class)
                .run(context ->
                        assertThat(context).getBeanNames(ScopeFactory.class).containsExactly("ownFactory"));
    }

    @Test
    void leakDetection_byDefault_isSampled() {
        runner.run(context -> assertThat(context.getBean(FactoryOptions.class).leakDetection())
                .isEqualTo(LeakDetection.SAMPLED));
    }

    @ParameterizedTest
    @EnumSource(LeakDetection.class)
    void leakDetection_isSet_isThat(LeakDetection level) {
        runner.withPropertyValues("traio.leak-detection=" + level.name().toLowerCase(Locale.ROOT))
                .run(context -> assertThat(context.getBean(FactoryOptions.class).leakDetection())
                        .isEqualTo(level));
    }

    @Test
    void leakDetection_unknown_failsTheStartAndNamesTheProperty() {
        runner.withPropertyValues("traio.leak-detection=sometimes")
                .run(context ->
                        assertThat(context).hasFailed().getFailure().hasStackTraceContaining("traio.leak-detection"));
    }

    @Test
    void scopeFactory_contextClosed_isClosed() {
        AtomicReference<ScopeFactory> factory = new AtomicReference<>();
        AtomicReference<OpenScope> live = new AtomicReference<>();
        runner.run(context -> {
            factory.set(context.getBean(ScopeFactory.class));
            live.set(factory.get().openShared("live"));
        });
        assertThat(live.get().state()).isEqualTo(Scope.State.CLOSED);
        assertThatIllegalStateException().isThrownBy(() -> factory.get().run("late", scope -> {}));
    }

    @Test
    void options_nothingSet_areTheDefaults() {
        runner.withUserConfiguration(Recorder.class).run(context -> {
            FactoryOptions options = context.getBean(Recorder.class).seen.get(0);
            assertThat(options.defaults()).isEqualTo(ScopeOptions.DEFAULT);
            assertThat(options.listeners()).isEmpty();
            assertThat(options.propagators()).isEmpty();
            assertThat(options.cancellationSignals()).isEmpty();
            assertThat(options.integrationPackages()).containsExactly("io.traio.spring.boot.");
            assertThat(options.timeSource()).isSameAs(TimeSource.system());
            assertThat(options.defaults().timeout()).isNull();
            assertThat(options.defaults().cancelTimeout()).isEqualTo(Duration.ofSeconds(1));
        });
    }

    @Test
    void options_propertiesSet_haveTheirValues() {
        runner.withUserConfiguration(Recorder.class)
                .withPropertyValues("traio.default-timeout=800ms", "traio.cancel-timeout=3s")
                .run(context -> {
                    FactoryOptions options =
                            context.getBean(Recorder.class).seen.get(0);
                    assertThat(options.defaults().timeout()).isEqualTo(Duration.ofMillis(800));
                    assertThat(options.defaults().cancelTimeout()).isEqualTo(Duration.ofSeconds(3));
                });
    }

    @Test
    void defaultTimeout_set_holdsForScopesThatSayNothing() {
        runner.withBean(TestClock.class, TestClock::new)
                .withPropertyValues("traio.default-timeout=800ms")
                .run(context -> {
                    ScopeFactory scopes = context.getBean(ScopeFactory.class);
                    scopes.run("plain", scope -> assertThat(scope.remaining()).hasValue(Duration.ofMillis(800)));
                    scopes.run(
                            "own",
                            s -> s.withTimeout(Duration.ofHours(1)),
                            scope -> assertThat(scope.remaining()).hasValue(Duration.ofHours(1)));
                });
    }

    @Test
    void beans_severalOfEach_areAddedInOrder() {
        runner.withUserConfiguration(Recorder.class, Plugins.class).run(context -> {
            FactoryOptions options = context.getBean(Recorder.class).seen.get(0);
            assertThat(options.listeners())
                    .containsExactly(
                            context.getBean("first", ScopeListener.class),
                            context.getBean("second", ScopeListener.class));
            assertThat(options.propagators())
                    .containsExactly(
                            context.getBean("outer", ContextPropagator.class),
                            context.getBean("inner", ContextPropagator.class));
            assertThat(options.cancellationSignals()).containsExactly(context.getBean(CancellationSignal.class));
            assertThat(options.timeSource()).isSameAs(context.getBean(TestClock.class));
        });
    }

    @Test
    void customizers_severalThere_areCalledInOrder() {
        runner.withUserConfiguration(Customizers.class).run(context -> {
            ScopeFactory scopes = context.getBean(ScopeFactory.class);
            scopes.run("plain", scope -> assertThat(scope.remaining()).hasValue(Duration.ofSeconds(2)));
        });
    }

    @Test
    void listenerWithMeters_binderWithFactory_makesNoCycle() {
        runner.withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class))
                .withUserConfiguration(Metrics.class)
                .run(context -> {
                    OpenScope scope = context.getBean(ScopeFactory.class).openShared("live");
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    assertThat(registry.get("opened").counter().count()).isEqualTo(1);
                    assertThat(registry.get("live").gauge().value()).isEqualTo(1);
                    scope.close();
                });
    }

    @ParameterizedTest
    @CsvSource({
        "traio.default-timeout, 0s",
        "traio.default-timeout, -1s",
        "traio.cancel-timeout, 0",
        "traio.cancel-timeout, -PT1S",
    })
    void start_durationNotPositive_failsNamingTheProperty(String property, String value) {
        runner.withPropertyValues(property + "=" + value)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                        .hasMessageContaining(property)
                        .hasMessageContaining("longer than zero"));
    }

    @ParameterizedTest
    @CsvSource({"traio.default-timeout, soon", "traio.cancel-timeout, 1 fortnight"})
    void start_notADuration_failsNamingTheProperty(String property, String value) {
        runner.withPropertyValues(property + "=" + value)
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining(property));
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void start_durationNotPositive_printsWhatToDo(CapturedOutput output) {
        SpringApplication application = new SpringApplication(OnlyTraio.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        try {
            application.run("--traio.default-timeout=-5s").close();
        } catch (RuntimeException expected) {
            assertThat(output)
                    .contains("APPLICATION FAILED TO START")
                    .contains("Invalid value '-5s' for configuration property 'traio.default-timeout'")
                    .contains("It must be longer than zero.");
            return;
        }
        throw new AssertionError("The application started");
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(ScopeFactoryAutoConfiguration.class)
    static class OnlyTraio {}

    @Configuration(proxyBeanMethods = false)
    static class OwnFactory {

        @Bean
        ScopeFactory ownFactory() {
            return ScopeFactory.create();
        }
    }

    /** Writes down the options that a customizer gets to see. */
    @Order(0)
    static class Recorder implements ScopeFactoryCustomizer {

        final List<FactoryOptions> seen = new ArrayList<>();

        @Override
        public FactoryOptions customize(FactoryOptions options) {
            seen.add(options);
            return options;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Plugins {

        @Bean
        @Order(2)
        ScopeListener second() {
            return new ScopeListener() {};
        }

        @Bean
        @Order(1)
        ScopeListener first() {
            return new ScopeListener() {};
        }

        @Bean
        @Order(2)
        ContextPropagator inner() {
            return () -> null;
        }

        @Bean
        @Order(1)
        ContextPropagator outer() {
            return () -> null;
        }

        @Bean
        CancellationSignal signal() {
            return thrown -> false;
        }

        @Bean
        TestClock clock() {
            return new TestClock();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizers {

        @Bean
        TestClock clock() {
            return new TestClock();
        }

        @Bean
        @Order(2)
        ScopeFactoryCustomizer last() {
            return options -> options.withDefaults(
                    defaults -> defaults.withTimeout(defaults.timeout().multipliedBy(2)));
        }

        @Bean
        @Order(1)
        ScopeFactoryCustomizer first() {
            return options -> options.withDefaults(defaults -> defaults.withTimeout(Duration.ofSeconds(1)));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Metrics {

        @Bean
        ScopeListener counting(MeterRegistry registry) {
            return new ScopeListener() {
                @Override
                public void scopeOpened(Scope scope) {
                    registry.counter("opened").increment();
                }
            };
        }

        @Bean
        MeterBinder live(ScopeFactory scopes) {
            return registry ->
                    registry.gauge("live", scopes, factory -> factory.scopes().size());
        }
    }
}
