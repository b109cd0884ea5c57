// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.metrics.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.traio.Limiter;
import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.metrics.ScopeMetrics;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class ScopeMetricsAutoConfigurationTest {

    private final ApplicationContextRunner withoutRegistry = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ScopeFactoryAutoConfiguration.class, ScopeMetricsAutoConfiguration.class));
    private final ApplicationContextRunner runner = withoutRegistry.withConfiguration(AutoConfigurations.of(
            MetricsAutoConfiguration.class,
            CompositeMeterRegistryAutoConfiguration.class,
            SimpleMetricsExportAutoConfiguration.class));

    @Test
    void metrics_registryThere_countScopesOfTheFactory() {
        runner.run(context -> {
            context.getBean(ScopeFactory.class).run("quotes", scope -> {});
            assertThat(count(context.getBean(MeterRegistry.class))).isEqualTo(1);
        });
    }

    @Test
    void metrics_limiterBeans_areMeasured() {
        runner.withBean(Limiter.class, () -> Limiter.of("database", 3))
                .run(context -> assertThat(context.getBean(MeterRegistry.class)
                                .get("traio.limiter.permits")
                                .tag("limiter.name", "database")
                                .gauge()
                                .value())
                        .isEqualTo(3));
    }

    @Test
    void metrics_disabled_areMissing() {
        runner.withPropertyValues("traio.metrics.enabled=false").run(context -> {
            context.getBean(ScopeFactory.class).run("quotes", scope -> {});
            assertThat(context).doesNotHaveBean(ScopeMetrics.class);
            assertThat(context.getBean(MeterRegistry.class).find("traio.scope").timer())
                    .isNull();
        });
    }

    @Test
    void metrics_traioDisabled_areMissing() {
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ScopeMetrics.class));
    }

    @Test
    void metrics_micrometerMissing_areMissing() {
        withoutRegistry
                .withClassLoader(new FilteredClassLoader(MeterRegistry.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopeFactory.class)
                        .doesNotHaveBean(ScopeMetricsAutoConfiguration.class));
    }

    @Test
    void metrics_noRegistry_areMissing() {
        withoutRegistry.run(
                context -> assertThat(context).hasSingleBean(ScopeFactory.class).doesNotHaveBean(ScopeMetrics.class));
    }

    @Test
    void metrics_ownBeanThere_areThatOne() {
        runner.withBean("own", ScopeMetrics.class, () -> new ScopeMetrics(0)).run(context -> {
            assertThat(context).getBeanNames(ScopeMetrics.class).containsExactly("own");
            context.getBean(ScopeFactory.class).run("quotes", scope -> {});
            assertThat(context.getBean(MeterRegistry.class)
                            .get("traio.scope")
                            .tag("scope.name", "other")
                            .timer()
                            .count())
                    .isEqualTo(1);
        });
    }

    @Test
    void maxNames_set_limitsTheNames() {
        runner.withPropertyValues("traio.metrics.max-names=1").run(context -> {
            ScopeFactory scopes = context.getBean(ScopeFactory.class);
            scopes.run("a", scope -> {});
            scopes.run("b", scope -> {});
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            assertThat(registry.get("traio.scope").timers())
                    .extracting(timer -> timer.getId().getTag("scope.name"))
                    .containsExactlyInAnyOrder("a", "other");
        });
    }

    @Test
    void start_maxNamesNegative_failsNamingTheProperty() {
        runner.withPropertyValues("traio.metrics.max-names=-1")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                        .hasMessageContaining("traio.metrics.max-names"));
    }

    @Test
    void metrics_severalRegistries_countOnceInEach() {
        runner.withConfiguration(AutoConfigurations.of(PrometheusMetricsExportAutoConfiguration.class))
                .withBean("second", SimpleMeterRegistry.class)
                .run(context -> {
                    context.getBean(ScopeFactory.class).run("quotes", scope -> {});
                    assertThat(context.getBeansOfType(MeterRegistry.class).values())
                            .hasSize(3)
                            .allSatisfy(registry -> assertThat(count(registry)).isEqualTo(1))
                            .hasAtLeastOneElementOfType(CompositeMeterRegistry.class)
                            .hasAtLeastOneElementOfType(PrometheusMeterRegistry.class);
                });
    }

    @Test
    void metrics_severalRegistriesWithoutComposite_countOnceInEach() {
        runner.withBean("first", SimpleMeterRegistry.class)
                .withBean("second", MeterRegistry.class, SimpleMeterRegistry::new, bean -> bean.setPrimary(true))
                .run(context -> {
                    context.getBean(ScopeFactory.class).run("quotes", scope -> {});
                    assertThat(context).doesNotHaveBean(CompositeMeterRegistry.class);
                    assertThat(context.getBeansOfType(MeterRegistry.class).values())
                            .hasSize(2)
                            .allSatisfy(registry -> assertThat(count(registry)).isEqualTo(1));
                });
    }

    @Test
    void metrics_metricsOfBootMissing_areMissing() {
        withoutRegistry
                .withBean(SimpleMeterRegistry.class)
                .withClassLoader(new FilteredClassLoader(MetricsAutoConfiguration.class))
                .run(context ->
                        assertThat(context).hasSingleBean(ScopeFactory.class).doesNotHaveBean(ScopeMetrics.class));
    }

    @Test
    void start_binderNeedsTheFactory_makesNoCycle() {
        runner.withUserConfiguration(BinderWithFactory.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(MeterRegistry.class).get("live").gauge().value())
                    .isZero();
        });
    }

    @Test
    void metrics_scopeOpenedWhileBeansAreMade_isCounted() {
        runner.withUserConfiguration(EarlyUser.class)
                .run(context ->
                        assertThat(count(context.getBean(MeterRegistry.class))).isEqualTo(1));
    }

    /** A prefix of names has the setting, too, as with every other meter. */
    @Test
    void distribution_byProperties_isThatOfOurTimers() {
        runner.withConfiguration(AutoConfigurations.of(PrometheusMetricsExportAutoConfiguration.class))
                .withPropertyValues(
                        "management.metrics.distribution.percentiles-histogram.traio.task=true",
                        "management.metrics.distribution.percentiles-histogram.traio.task.wait=false",
                        "management.metrics.distribution.slo.traio.scope=150ms,2s",
                        "management.metrics.distribution.percentiles.traio.task.wait=0.5")
                .run(context -> {
                    context.getBean(ScopeFactory.class).run("quotes", scope -> {
                        scope.spawn(() -> {}).join();
                        scope.cancel();
                    });
                    PrometheusMeterRegistry registry = context.getBean(PrometheusMeterRegistry.class);
                    assertThat(buckets(registry, "traio_task_seconds")).hasSizeGreaterThan(50);
                    assertThat(buckets(registry, "traio_task_wait_seconds")).isEmpty();
                    assertThat(buckets(registry, "traio_scope_seconds")).containsExactly("0.15", "2.0", "+Inf");
                    assertThat(registry.scrape())
                            .contains("traio_task_wait_seconds{scope_name=\"quotes\",quantile=\"0.5\"}");
                });
    }

    /** Returns the upper bounds of a histogram's buckets. */
    private static List<String> buckets(PrometheusMeterRegistry registry, String name) {
        return registry.scrape()
                .lines()
                .filter(line -> line.startsWith(name + "_bucket{"))
                .map(line -> line.replaceAll(".*le=\"(.*?)\".*", "$1"))
                .toList();
    }

    private static long count(MeterRegistry registry) {
        return registry.get("traio.scope").tag("scope.name", "quotes").timer().count();
    }

    @Configuration(proxyBeanMethods = false)
    static class BinderWithFactory {

        @Bean
        MeterBinder live(ScopeFactory scopes) {
            return registry ->
                    registry.gauge("live", scopes, factory -> factory.scopes().size());
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class EarlyUser {

        @Bean
        String usesScopes(ScopeFactory scopes) {
            return scopes.call(
                    "quotes", scope -> scope.spawn("alpha", () -> "alpha").join());
        }
    }
}
