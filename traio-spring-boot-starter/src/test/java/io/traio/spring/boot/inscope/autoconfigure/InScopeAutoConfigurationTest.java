// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.inscope.InScope;
import io.traio.spring.boot.inscope.InScopePostProcessor;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.samples.traio.Clinic;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

class InScopeAutoConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withUserConfiguration(Services.class)
            .withConfiguration(AutoConfigurations.of(
                    AopAutoConfiguration.class, InScopeAutoConfiguration.class, ScopeFactoryAutoConfiguration.class));

    @Test
    void method_annotated_runsInAScope() {
        runner.run(context -> {
            Quotes quotes = context.getBean(Quotes.class);
            assertThat(AopUtils.isCglibProxy(quotes)).isTrue();
            assertThat(quotes.where()).isEqualTo("RealQuotes.where");
        });
    }

    @Test
    void proxies_byInterfaceAsTheApplicationWants_work() {
        runner.withPropertyValues("spring.aop.proxy-target-class=false").run(context -> {
            Quotes quotes = context.getBean(Quotes.class);
            assertThat(AopUtils.isJdkDynamicProxy(quotes)).isTrue();
            assertThat(quotes.where()).isEqualTo("RealQuotes.where");
        });
    }

    @Test
    void method_withAsyncToo_opensTheScopeOnTheOtherThread() {
        runner.withUserConfiguration(WithAsync.class).run(context -> {
            try (ScopeFactory scopes = ScopeFactory.create()) {
                AsyncQuotes quotes = context.getBean(AsyncQuotes.class);
                String seen = scopes.call("outer", scope -> quotes.check().get());
                assertThat(seen).isEqualTo("AsyncQuotes.check below nothing");
            }
        });
    }

    @Test
    void annotation_disabled_hasNoEffect() {
        runner.withPropertyValues("traio.in-scope.enabled=false").run(context -> {
            assertThat(context).doesNotHaveBean(InScopePostProcessor.class);
            assertThat(context.getBean(Quotes.class).where()).isEqualTo("none");
        });
    }

    @Test
    void annotation_traioDisabled_hasNoEffect() {
        runner.withPropertyValues("traio.enabled=false").run(context -> {
            assertThat(context).doesNotHaveBean(InScopePostProcessor.class);
            assertThat(context.getBean(Quotes.class).where()).isEqualTo("none");
        });
    }

    @Test
    void postProcessor_ownBean_isThatOne() {
        runner.withUserConfiguration(OwnPostProcessor.class).run(context -> {
            assertThat(context).getBeanNames(InScopePostProcessor.class).containsExactly("own");
            assertThat(context.getBean(Quotes.class).where()).isEqualTo("RealQuotes.where");
        });
    }

    @Test
    void method_annotatedInAChildContext_runsInAScope() {
        runner.run(parent -> runner.withParent(parent)
                .run(child -> assertThat(child.getBean(Quotes.class).where()).isEqualTo("RealQuotes.where")));
    }

    @Test
    void method_annotatedInAPackageBelowSprings_runsInAScope() {
        runner.withBean(Clinic.class)
                .run(context ->
                        assertThat(context.getBean(Clinic.class).visit()).isEqualTo("visit"));
    }

    @Test
    void factory_madeAfterPostProcessors_isStillPostProcessed() {
        runner.run(context ->
                assertThat(context.getBean(Seen.class).factoryWasPostProcessed).isTrue());
    }

    interface Quotes {
        String where();
    }

    static class RealQuotes implements Quotes {

        @Override
        @InScope
        public String where() {
            return Scope.current().map(Scope::name).orElse("none");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Services {

        @Bean
        Quotes quotes() {
            return new RealQuotes();
        }

        @Bean
        static Seen seen() {
            return new Seen();
        }
    }

    /** Sees every bean that is made after the post-processors are. */
    static class Seen implements BeanPostProcessor {

        boolean factoryWasPostProcessed;

        @Override
        public Object postProcessAfterInitialization(Object bean, String name) {
            factoryWasPostProcessed |= bean instanceof ScopeFactory;
            return bean;
        }
    }

    static class AsyncQuotes {

        @Async
        @InScope
        public CompletableFuture<String> check() {
            Scope scope = Scope.current().orElseThrow();
            String parent = scope.parent().map(Scope::name).orElse("nothing");
            return CompletableFuture.completedFuture(scope.name() + " below " + parent);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync(proxyTargetClass = true)
    static class WithAsync {

        @Bean
        AsyncQuotes asyncQuotes() {
            return new AsyncQuotes();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnPostProcessor {

        @Bean
        static InScopePostProcessor own(ObjectProvider<ScopeFactory> scopes) {
            return new InScopePostProcessor(scopes::getObject);
        }
    }
}
