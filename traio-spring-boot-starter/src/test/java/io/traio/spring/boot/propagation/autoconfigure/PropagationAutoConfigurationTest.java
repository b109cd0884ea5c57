// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.ScopeFactoryCustomizer;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.propagation.MicrometerContextPropagator;
import io.traio.spring.boot.propagation.ScopeThreadLocalAccessor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.context.i18n.LocaleContextThreadLocalAccessor;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

class PropagationAutoConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(PropagationAutoConfiguration.class, ScopeFactoryAutoConfiguration.class));

    @AfterEach
    void clear() {
        LocaleContextHolder.resetLocaleContext();
        RequestContextHolder.resetRequestAttributes();
        SecurityContextHolder.clearContext();
        MDC.clear();
        assertThat(isScopePublished()).isFalse();
    }

    @Test
    void locale_ofTheSpawner_isInTheTask() {
        runner.run(context -> {
            LocaleContextHolder.setLocale(Locale.KOREAN);
            assertThat(PropagationAutoConfigurationTest.<Locale>inTask(context, LocaleContextHolder::getLocale))
                    .isEqualTo(Locale.KOREAN);
        });
    }

    @Test
    void requestAttributes_ofTheSpawner_areInTheTask() {
        runner.run(context -> {
            MockHttpServletRequest request = new MockHttpServletRequest();
            request.setAttribute("answer", 42);
            RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(request));
            Object answer = inTask(
                    context,
                    () -> RequestContextHolder.currentRequestAttributes()
                            .getAttribute("answer", RequestAttributes.SCOPE_REQUEST));
            assertThat(answer).isEqualTo(42);
        });
    }

    @Test
    void securityContext_ofTheSpawner_isInTheTask() {
        runner.run(context -> {
            Authentication user = new TestingAuthenticationToken("ada", "secret");
            SecurityContextHolder.getContext().setAuthentication(user);
            Authentication seen =
                    inTask(context, () -> SecurityContextHolder.getContext().getAuthentication());
            assertThat(seen).isSameAs(user);
        });
    }

    @Test
    void securityContext_changedInATask_isStillThatOfTheSpawner() {
        runner.run(context -> {
            Authentication user = new TestingAuthenticationToken("ada", "secret");
            SecurityContextHolder.getContext().setAuthentication(user);
            inTask(context, () -> {
                SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("eve", "secret"));
                return null;
            });
            assertThat(SecurityContextHolder.getContext().getAuthentication()).isSameAs(user);
            Authentication seenByTheNext =
                    inTask(context, () -> SecurityContextHolder.getContext().getAuthentication());
            assertThat(seenByTheNext).isSameAs(user);
        });
    }

    @Test
    void observation_ofTheSpawner_isTheParentInTheTask() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(context -> true);
        runner.run(context -> {
            Observation observation = Observation.start("outer", registry);
            try (Observation.Scope scope = observation.openScope()) {
                assertThat(inTask(context, registry::getCurrentObservation)).isSameAs(observation);
                assertThat(registry.getCurrentObservation()).isSameAs(observation);
            } finally {
                observation.stop();
            }
        });
    }

    @Test
    void mdc_ofTheSpawner_isInTheTaskAndNotShared() {
        runner.run(context -> {
            MDC.put("user", "ada");
            String seen = inTask(context, () -> {
                String user = MDC.get("user");
                MDC.put("user", "bob");
                return user;
            });
            assertThat(seen).isEqualTo("ada");
            assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("user", "ada"));
        });
    }

    @Test
    void mdc_onAPooledThread_leavesNothing() throws Exception {
        ExecutorService oneThread = Executors.newSingleThreadExecutor();
        try {
            onThreadsOf(oneThread).run(context -> {
                MDC.put("user", "ada");
                assertThat(inTask(context, () -> MDC.get("user"))).isEqualTo("ada");
                assertThat(oneThread.submit(MDC::getCopyOfContextMap).get()).isNullOrEmpty();
                oneThread.submit(() -> MDC.put("pool", "mine")).get();
                assertThat(PropagationAutoConfigurationTest.<Map<String, String>>inTask(
                                context, MDC::getCopyOfContextMap))
                        .isEqualTo(Map.of("user", "ada"));
                assertThat(oneThread.submit(MDC::getCopyOfContextMap).get()).isEqualTo(Map.of("pool", "mine"));
            });
        } finally {
            oneThread.shutdownNow();
        }
    }

    @Test
    void mdc_setByATaskOnAPooledThread_leavesNothing() throws Exception {
        ExecutorService oneThread = Executors.newSingleThreadExecutor();
        try {
            onThreadsOf(oneThread).run(context -> {
                inTask(context, () -> {
                    MDC.put("user", "bob");
                    LocaleContextHolder.setLocale(Locale.KOREAN);
                    return null;
                });
                assertThat(oneThread.submit(MDC::getCopyOfContextMap).get()).isNullOrEmpty();
                assertThat(oneThread
                                .submit(LocaleContextHolder::getLocaleContext)
                                .get())
                        .isNull();
            });
        } finally {
            oneThread.shutdownNow();
        }
    }

    @Test
    void mdc_ofAScopeInATask_isThatOfTheTask() {
        runner.run(context -> {
            MDC.put("user", "ada");
            String seen = inTask(context, () -> {
                MDC.put("step", "two");
                return inTask(context, () -> MDC.get("user") + " " + MDC.get("step"));
            });
            assertThat(seen).isEqualTo("ada two");
        });
    }

    @Test
    void mdc_excluded_staysBehind() {
        runner.withPropertyValues("traio.propagation.exclude=" + Slf4jThreadLocalAccessor.KEY)
                .run(context -> {
                    MDC.put("user", "ada");
                    assertThat(inTask(context, () -> MDC.get("user"))).isNull();
                });
    }

    @Test
    void mdc_accessorOfTheApplication_isUsedInstead() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(new Slf4jThreadLocalAccessor("user"));
        try {
            runner.run(context -> {
                MDC.put("user", "ada");
                MDC.put("secret", "1234");
                assertThat(inTask(context, () -> MDC.get("user") + " " + MDC.get("secret")))
                        .isEqualTo("ada null");
            });
        } finally {
            ContextRegistry.getInstance().removeThreadLocalAccessor((Object) Slf4jThreadLocalAccessor.KEY);
        }
    }

    private ApplicationContextRunner onThreadsOf(Executor executor) {
        return runner.withBean(ScopeFactoryCustomizer.class, () -> options -> options.withExecutor(executor));
    }

    @Test
    void context_disabled_staysBehind() {
        runner.withPropertyValues("traio.propagation.enabled=false").run(context -> {
            assertThat(context).doesNotHaveBean(MicrometerContextPropagator.class);
            Authentication user = new TestingAuthenticationToken("ada", "secret");
            SecurityContextHolder.getContext().setAuthentication(user);
            Authentication seen =
                    inTask(context, () -> SecurityContextHolder.getContext().getAuthentication());
            assertThat(seen).isNull();
        });
    }

    @Test
    void accessors_excluded_stayBehindAndOthersTravel() {
        runner.withPropertyValues("traio.propagation.exclude=" + LocaleContextThreadLocalAccessor.KEY + ","
                        + ObservationThreadLocalAccessor.KEY)
                .run(context -> {
                    Locale here = Locale.getDefault().equals(Locale.KOREAN) ? Locale.FRENCH : Locale.KOREAN;
                    LocaleContextHolder.setLocale(here);
                    SecurityContextHolder.getContext()
                            .setAuthentication(new TestingAuthenticationToken("ada", "secret"));
                    assertThat(PropagationAutoConfigurationTest.<Locale>inTask(context, LocaleContextHolder::getLocale))
                            .isNotEqualTo(here);
                    assertThat(inTask(
                                    context,
                                    () -> SecurityContextHolder.getContext().getAuthentication()))
                            .isNotNull();
                });
    }

    @Test
    void propagator_ownBean_isThatOne() {
        MicrometerContextPropagator own = new MicrometerContextPropagator(new ContextRegistry(), List.of(), List.of());
        runner.withBean("own", MicrometerContextPropagator.class, () -> own).run(context -> {
            assertThat(context).getBeanNames(MicrometerContextPropagator.class).containsExactly("own");
            LocaleContextHolder.setLocale(Locale.KOREAN);
            assertThat(inTask(context, LocaleContextHolder::getLocaleContext)).isNull();
        });
    }

    @Test
    void scope_whileTheContextLives_isPublished() {
        runner.run(context -> assertThat(isScopePublished()).isTrue());
        assertThat(isScopePublished()).isFalse();
    }

    @Test
    void scope_twoContexts_isPublishedUntilTheLastIsClosed() {
        runner.run(outer -> {
            runner.run(inner -> assertThat(isScopePublished()).isTrue());
            assertThat(isScopePublished()).isTrue();
        });
        assertThat(isScopePublished()).isFalse();
    }

    @Test
    void scope_notToBePublished_isNot() {
        runner.withPropertyValues("traio.propagation.publish-scope=false")
                .run(context -> assertThat(isScopePublished()).isFalse());
    }

    @Test
    void scope_withSpringsDecorator_isCurrentOnTheApplicationsExecutor() {
        runner.withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
                .withBean(ContextPropagatingTaskDecorator.class)
                .run(context -> {
                    AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
                    String name = context.getBean(ScopeFactory.class)
                            .call(
                                    "work",
                                    scope -> executor.submit(() -> Scope.current()
                                                    .orElseThrow()
                                                    .name())
                                            .get());
                    assertThat(name).isEqualTo("work");
                    assertThat(executor.submit(() -> Scope.current().isPresent())
                                    .get())
                            .isFalse();
                });
    }

    @Test
    void everything_libraryMissing_isMissing() {
        runner.withClassLoader(new FilteredClassLoader(ContextRegistry.class)).run(context -> {
            assertThat(context).hasSingleBean(ScopeFactory.class);
            assertThat(context).doesNotHaveBean(PropagationAutoConfiguration.class);
        });
    }

    @Test
    void requestAttributes_webMissing_areLeftOut() {
        runner.withClassLoader(new FilteredClassLoader("org.springframework.web", "jakarta.servlet"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(MicrometerContextPropagator.class));
    }

    @Test
    void everything_traioDisabled_isMissing() {
        runner.withPropertyValues("traio.enabled=false").run(context -> {
            assertThat(context).doesNotHaveBean(PropagationAutoConfiguration.class);
            assertThat(isScopePublished()).isFalse();
        });
    }

    private static <T> @Nullable T inTask(AssertableApplicationContext context, Callable<@Nullable T> task) {
        return context.getBean(ScopeFactory.class)
                .call("work", scope -> scope.spawn(task).join());
    }

    private static boolean isScopePublished() {
        return ContextRegistry.getInstance().getThreadLocalAccessors().stream()
                .anyMatch(accessor -> accessor.key().equals(ScopeThreadLocalAccessor.KEY));
    }
}
