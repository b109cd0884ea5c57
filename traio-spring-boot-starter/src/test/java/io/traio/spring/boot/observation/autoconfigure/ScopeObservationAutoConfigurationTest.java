// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.metrics.autoconfigure.ScopeMetricsAutoConfiguration;
import io.traio.spring.boot.observation.ScopeObservationConvention;
import io.traio.spring.boot.observation.ScopeObservations;
import io.traio.spring.boot.observation.TaskObservationConvention;
import io.traio.spring.boot.observation.UnmeteredObservationHandler;
import io.traio.spring.boot.propagation.autoconfigure.PropagationAutoConfiguration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationHandlerGroup;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationRegistryCustomizer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class ScopeObservationAutoConfigurationTest {

    private final ApplicationContextRunner withoutRegistry = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ScopeFactoryAutoConfiguration.class, ScopeObservationAutoConfiguration.class));
    private final ApplicationContextRunner runner = withoutRegistry
            .withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class))
            .withBean(Names.class);
    private final ApplicationContextRunner onlyMeters = withoutRegistry.withConfiguration(AutoConfigurations.of(
            PropagationAutoConfiguration.class,
            ObservationAutoConfiguration.class,
            MetricsAutoConfiguration.class,
            PrometheusMetricsExportAutoConfiguration.class));

    @Test
    void scope_byDefault_isObservedAndItsTaskIsNot() {
        runner.run(context -> assertThat(observedIn(context)).containsExactly("traio.observation.scope"));
    }

    /** To observe them would cost each task a third more, for nothing. */
    @Test
    void scope_onlyMetersAreMadeOfObservations_isNotObserved() {
        onlyMeters.run(context -> {
            assertThat(context).getBeans(ObservationHandler.class).isNotEmpty();
            assertThat(observationInScope(context)).isNull();
        });
    }

    @Test
    void scope_observationAskedForWhereOnlyMetersAreMade_isObserved() {
        onlyMeters
                .withPropertyValues("traio.observation.enabled=true")
                .run(context -> assertThat(observationInScope(context)).isNotNull());
    }

    @Test
    void scope_registryIsCustomized_isObserved() {
        onlyMeters
                .withBean("customizer", ObservationRegistryCustomizer.class, () -> registry -> {})
                .run(context -> assertThat(observationInScope(context)).isNotNull());
    }

    @Test
    void scope_registryIsTheUsers_isObserved() {
        withoutRegistry
                .withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class))
                .withBean("own", ObservationRegistry.class, () -> {
                    ObservationRegistry own = ObservationRegistry.create();
                    own.observationConfig().observationHandler(new Names());
                    return own;
                })
                .run(context -> assertThat(observationInScope(context)).isNotNull());
    }

    @Test
    void scope_handlerIsInTheParentContext_isObserved() {
        new ApplicationContextRunner()
                .withBean(Names.class)
                .run(parent -> onlyMeters
                        .withParent(parent)
                        .run(context -> assertThat(observationInScope(context)).isNotNull()));
    }

    @Test
    void scope_groupOfHandlersIsTheUsers_isObserved() {
        onlyMeters
                .withBean("group", ObservationHandlerGroup.class, () -> new ObservationHandlerGroup() {
                    @Override
                    public Class<?> handlerType() {
                        return Names.class;
                    }
                })
                .run(context -> assertThat(observationInScope(context)).isNotNull());
    }

    @Test
    void scope_observationsAreABeanOfTheUsers_isObserved() {
        onlyMeters
                .withBean("own", ScopeObservations.class, () -> new ScopeObservations(false, null, null))
                .run(context -> assertThat(observationInScope(context)).isNotNull());
    }

    private static @Nullable Observation observationInScope(AssertableApplicationContext context) {
        ObservationRegistry registry = context.getBean(ObservationRegistry.class);
        assertThat(registry.isNoop()).isFalse();
        return context.getBean(ScopeFactory.class)
                .<@Nullable Observation>call(
                        "quotes",
                        scope -> scope.<@Nullable Observation>spawn(registry::getCurrentObservation)
                                .join());
    }

    @Test
    void tasks_askedFor_areObserved() {
        runner.withPropertyValues("traio.observation.tasks=true")
                .run(context -> assertThat(observedIn(context))
                        .containsExactlyInAnyOrder("traio.observation.scope", "traio.observation.task"));
    }

    @Test
    void observation_disabled_isMissing() {
        runner.withPropertyValues("traio.observation.enabled=false").run(context -> {
            assertThat(observedIn(context)).isEmpty();
            assertThat(context)
                    .doesNotHaveBean(ScopeObservations.class)
                    .doesNotHaveBean(UnmeteredObservationHandler.class);
        });
    }

    @Test
    void observation_traioDisabled_isMissing() {
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ScopeObservations.class));
    }

    @Test
    void observation_noRegistry_isMissing() {
        withoutRegistry.run(context ->
                assertThat(context).hasSingleBean(ScopeFactory.class).doesNotHaveBean(ScopeObservations.class));
    }

    @Test
    void observation_severalRegistriesAndNoneIsPrimary_isMissing() {
        withoutRegistry
                .withBean("first", ObservationRegistry.class, ObservationRegistry::create)
                .withBean("second", ObservationRegistry.class, ObservationRegistry::create)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ScopeObservations.class));
    }

    @Test
    void observation_micrometerObservationMissing_isMissing() {
        withoutRegistry
                .withClassLoader(new FilteredClassLoader(ObservationRegistry.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopeFactory.class)
                        .doesNotHaveBean(ScopeObservationAutoConfiguration.class));
    }

    @Test
    void observation_micrometerCoreMissing_works() {
        runner.withClassLoader(new FilteredClassLoader(MeterObservationHandler.class))
                .run(context -> {
                    assertThat(context).doesNotHaveBean("unmeteredObservationHandler");
                    assertThat(observedIn(context)).containsExactly("traio.observation.scope");
                });
    }

    @Test
    void observation_ownBeanThere_isThatOne() {
        runner.withBean("own", ScopeObservations.class, () -> new ScopeObservations(true, null, null))
                .run(context -> {
                    assertThat(context).getBeanNames(ScopeObservations.class).containsExactly("own");
                    assertThat(observedIn(context))
                            .containsExactlyInAnyOrder("traio.observation.scope", "traio.observation.task");
                });
    }

    @Test
    void conventions_ownBeans_replaceTheDefaults() {
        runner.withPropertyValues("traio.observation.tasks=true")
                .withUserConfiguration(Conventions.class)
                .run(context -> assertThat(observedIn(context)).containsExactlyInAnyOrder("my.scope", "my.task"));
    }

    @Test
    void observation_disabledByName_isNotMade() {
        runner.withPropertyValues("management.observations.enable.traio=false")
                .run(context -> assertThat(observedIn(context)).isEmpty());
    }

    @Test
    void meters_observedAndCounted_areThoseOfTheListenerOnly() {
        runner.withPropertyValues("traio.observation.tasks=true")
                .withConfiguration(AutoConfigurations.of(
                        MetricsAutoConfiguration.class,
                        PrometheusMetricsExportAutoConfiguration.class,
                        ScopeMetricsAutoConfiguration.class))
                .run(context -> {
                    assertThat(observedIn(context)).hasSize(2);
                    Observation.start("http", context.getBean(ObservationRegistry.class))
                            .stop();
                    assertThat(context.getBean(MeterRegistry.class).getMeters())
                            .extracting(meter -> meter.getId().getName())
                            .contains("traio.scope", "traio.task", "http")
                            .noneMatch(name -> name.startsWith("traio.observation"));
                });
    }

    @Test
    void start_handlerNeedsTheFactory_makesNoCycle() {
        runner.withUserConfiguration(HandlerWithFactory.class)
                .run(context -> assertThat(context).hasNotFailed());
    }

    private static List<String> observedIn(AssertableApplicationContext context) {
        context.getBean(ScopeFactory.class).run("quotes", scope -> scope.spawn("alpha", () -> {}));
        return context.getBean(Names.class).seen;
    }

    /** Writes down the names of what is observed. */
    static class Names implements ObservationHandler<Observation.Context> {

        final List<String> seen = new CopyOnWriteArrayList<>();

        @Override
        public void onStop(Observation.Context context) {
            seen.add(context.getName());
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Conventions {

        @Bean
        ScopeObservationConvention ofScopes() {
            return new ScopeObservationConvention() {
                @Override
                public String getName() {
                    return "my.scope";
                }
            };
        }

        @Bean
        TaskObservationConvention ofTasks() {
            return new TaskObservationConvention() {
                @Override
                public String getName() {
                    return "my.task";
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class HandlerWithFactory {

        @Bean
        ObservationHandler<Observation.Context> handler(ScopeFactory scopes) {
            return new Names();
        }
    }
}
