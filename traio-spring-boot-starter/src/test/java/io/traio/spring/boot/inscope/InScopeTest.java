// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeFailedException;
import io.traio.ScopeTimeoutException;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.env.MapPropertySource;
import reactor.core.publisher.Mono;

class InScopeTest {

    @Test
    void method_annotated_runsInItsScope() {
        with(Service.class, service -> {
            assertThat(service.named()).isEqualTo("quotes");
            assertThat(service.unnamed()).isEqualTo("Service.unnamed");
            assertThat(Scope.current()).isEmpty();
        });
    }

    @Test
    void method_notAnnotated_runsInNone() {
        with(Service.class, service -> assertThat(service.plain()).isEqualTo("none"));
    }

    @Test
    void tasks_spawnedInTheMethod_areJoined() {
        with(Service.class, service -> {
            AtomicInteger count = new AtomicInteger();
            service.spawnThree(count);
            assertThat(count).hasValue(3);
        });
    }

    @Test
    void scope_whereOneIsCurrent_isAChild() {
        with(Service.class, service -> {
            try (ScopeFactory scopes = ScopeFactory.create()) {
                scopes.run("outer", scope -> assertThat(service.parent()).isEqualTo("outer"));
            }
        });
    }

    @Test
    void attributes_withPlaceholders_areResolved() {
        with(Service.class, Map.of("quotes.name", "from property", "quotes.timeout", "1h"), service -> {
            assertThat(service.nameByPlaceholder()).isEqualTo("from property");
            assertThat(service.remainingByPlaceholder()).isBetween(Duration.ofMinutes(50), Duration.ofHours(1));
        });
    }

    @Test
    void attributes_placeholderDefaults_areUsed() {
        with(Service.class, service -> {
            assertThat(service.nameByPlaceholder()).isEqualTo("Service.nameByPlaceholder");
            assertThat(service.remainingByPlaceholder()).isGreaterThan(Duration.ofHours(1));
        });
    }

    @Test
    void timeout_passed_endsTheCall() {
        with(
                Service.class,
                service -> assertThatExceptionOfType(ScopeTimeoutException.class)
                        .isThrownBy(service::blocks)
                        .withMessageContaining("Service.blocks"));
    }

    @Test
    void maxConcurrency_one_runsTasksOneAfterAnother() {
        with(Service.class, service -> assertThat(service.mostAtOnce(20)).isEqualTo(1));
    }

    @Test
    void failure_unchecked_comesOutAsItIs() {
        RuntimeException failure = new IllegalArgumentException("broken");
        with(
                Service.class,
                service -> assertThatThrownBy(() -> service.fail(failure)).isSameAs(failure));
    }

    @Test
    void failure_checkedAndDeclared_comesOutAsItIs() {
        IOException failure = new IOException("broken");
        with(
                Service.class,
                service ->
                        assertThatThrownBy(() -> service.failDeclared(failure)).isSameAs(failure));
    }

    @Test
    void failure_checkedOfATask_comesOutWrapped() {
        IOException failure = new IOException("broken");
        with(
                Service.class,
                service -> assertThatExceptionOfType(ScopeFailedException.class)
                        .isThrownBy(() -> service.failInTask(failure))
                        .withCause(failure));
    }

    @Test
    void failure_checkedOfATaskAndDeclared_comesOutAsItIs() {
        IOException failure = new IOException("broken");
        with(
                Service.class,
                service -> assertThatThrownBy(() -> service.failInTaskDeclared(failure))
                        .isSameAs(failure));
    }

    @Test
    void cancel_methodWithoutResult_returnsSilently() {
        with(Service.class, Service::cancelsItself);
    }

    @Test
    void call_fromTheSameObject_opensNoScope() {
        with(Service.class, service -> assertThat(service.callsItself()).isEqualTo("none"));
    }

    @Test
    void annotation_onOtherAnnotation_works() {
        with(Service.class, service -> assertThat(service.composed()).isEqualTo("by annotation"));
    }

    @Test
    void annotation_onInterface_worksByInterfaceProxy() {
        with(Implementation.class, Map.of(), false, Quotes.class, quotes -> {
            assertThat(AopUtils.isJdkDynamicProxy(quotes)).isTrue();
            assertThat(quotes.find()).isEqualTo("of interface");
        });
    }

    @Test
    void annotation_onImplementation_worksByInterfaceProxy() {
        with(
                Implementation.class,
                Map.of(),
                false,
                Quotes.class,
                quotes -> assertThat(quotes.other()).isEqualTo("of class"));
    }

    @Test
    void annotation_onInterface_worksByClassProxy() {
        with(Implementation.class, Map.of(), true, Implementation.class, quotes -> {
            assertThat(AopUtils.isCglibProxy(quotes)).isTrue();
            assertThat(quotes.find()).isEqualTo("of interface");
        });
    }

    @Test
    void future_returned_isAllowed() {
        with(Service.class, service -> assertThat(service.future()).isCompletedWithValue("Service.future"));
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                BadTimeout.class,
                ZeroTimeout.class,
                NegativeTimeout.class,
                BadConcurrency.class,
                NegativeConcurrency.class,
                Unresolvable.class,
                PrivateMethod.class,
                StaticMethod.class,
                FinalMethod.class,
                ReturnsMono.class,
                ReturnsFlow.class
            })
    void bean_annotationInvalid_isNotCreated(Class<? extends Bad> type) {
        assertThatThrownBy(() -> with(type, bean -> {}))
                .isInstanceOf(BeanCreationException.class)
                .hasStackTraceContaining("@InScope on ")
                .hasStackTraceContaining(type.getSimpleName())
                .hasStackTraceContaining(Bad.REASONS.get(type));
    }

    @Test
    void factory_null_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> new InScopePostProcessor(null));
    }

    private interface Check<T> {
        void on(T bean) throws Exception;
    }

    private static <T> void with(Class<T> type, Check<T> check) {
        with(type, Map.of(), check);
    }

    private static <T> void with(Class<T> type, Map<String, Object> properties, Check<T> check) {
        with(type, properties, true, type, check);
    }

    private static <T> void with(
            Class<? extends T> type, Map<String, Object> properties, boolean byClass, Class<T> asked, Check<T> check) {
        try (ScopeFactory scopes = ScopeFactory.create();
                AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", properties));
            context.registerBean(InScopePostProcessor.class, () -> {
                InScopePostProcessor processor = new InScopePostProcessor(() -> scopes);
                processor.setProxyTargetClass(byClass);
                return processor;
            });
            context.registerBean(type);
            context.refresh();
            check.on(context.getBean(asked));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static String current() {
        return Scope.current().map(Scope::name).orElse("none");
    }

    @InScope("by annotation")
    @Retention(RetentionPolicy.RUNTIME)
    @interface InQuoteScope {

        @AliasFor(annotation = InScope.class, attribute = "timeout")
        String within() default "1h";
    }

    static class Service {

        @InScope("quotes")
        public String named() {
            return current();
        }

        @InScope
        public String unnamed() {
            return current();
        }

        public String plain() {
            return current();
        }

        public String callsItself() {
            return named();
        }

        @InScope
        void spawnThree(AtomicInteger count) {
            for (int i = 0; i < 3; i++) {
                Scope.current().orElseThrow().spawn(count::incrementAndGet);
            }
        }

        @InScope
        String parent() {
            return Scope.current().orElseThrow().parent().orElseThrow().name();
        }

        @InScope(name = "${quotes.name:}")
        String nameByPlaceholder() {
            return current();
        }

        @InScope(timeout = "${quotes.timeout:2h}")
        Duration remainingByPlaceholder() {
            return Scope.current().orElseThrow().remaining().orElseThrow();
        }

        @InScope(timeout = "50ms")
        void blocks() throws InterruptedException {
            new CountDownLatch(1).await();
        }

        @InScope(maxConcurrency = "${quotes.max:1}")
        int mostAtOnce(int tasks) {
            AtomicInteger now = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            Scope scope = Scope.current().orElseThrow();
            for (int i = 0; i < tasks; i++) {
                scope.spawn(() -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    Thread.yield();
                    now.decrementAndGet();
                });
            }
            scope.await(() -> null);
            return most.get();
        }

        @InScope
        void fail(RuntimeException failure) {
            throw failure;
        }

        @InScope
        String failDeclared(IOException failure) throws IOException {
            throw failure;
        }

        @InScope
        void failInTask(IOException failure) {
            Scope.current().orElseThrow().spawn(() -> {
                throw failure;
            });
        }

        @InScope
        void failInTaskDeclared(IOException failure) throws IOException {
            Scope.current().orElseThrow().spawn(() -> {
                throw failure;
            });
        }

        @InScope
        void cancelsItself() {
            Scope.current().orElseThrow().cancel();
        }

        @InQuoteScope
        String composed() {
            assertThat(Scope.current().orElseThrow().remaining()).isPresent();
            return current();
        }

        @InScope
        CompletableFuture<String> future() {
            return CompletableFuture.completedFuture(current());
        }
    }

    interface Quotes {

        @InScope("of interface")
        String find();

        String other();
    }

    static class Implementation implements Quotes {

        @Override
        public String find() {
            return current();
        }

        @Override
        @InScope("of class")
        public String other() {
            return current();
        }
    }

    /** Beans whose annotation is invalid, with what the exception says. */
    interface Bad {

        Map<Class<?>, String> REASONS = Map.ofEntries(
                Map.entry(BadTimeout.class, "timeout is not a duration such as 800ms or PT2S: \"soon\""),
                Map.entry(ZeroTimeout.class, "timeout must be longer than zero"),
                Map.entry(NegativeTimeout.class, "timeout must be longer than zero"),
                Map.entry(BadConcurrency.class, "maxConcurrency is not a number: \"many\""),
                Map.entry(NegativeConcurrency.class, "maxConcurrency must be 0 (no limit) or more"),
                Map.entry(Unresolvable.class, "name = \"${not.there}\" cannot be resolved"),
                Map.entry(PrivateMethod.class, "private, static or final"),
                Map.entry(StaticMethod.class, "private, static or final"),
                Map.entry(FinalMethod.class, "private, static or final"),
                Map.entry(ReturnsMono.class, "is used after the end of the scope"),
                Map.entry(ReturnsFlow.class, "is used after the end of the scope"));
    }

    static class BadTimeout implements Bad {
        @InScope(timeout = "soon")
        void method() {}
    }

    static class ZeroTimeout implements Bad {
        @InScope(timeout = "0s")
        void method() {}
    }

    static class NegativeTimeout implements Bad {
        @InScope(timeout = "-1s")
        void method() {}
    }

    static class BadConcurrency implements Bad {
        @InScope(maxConcurrency = "many")
        void method() {}
    }

    static class NegativeConcurrency implements Bad {
        @InScope(maxConcurrency = "-1")
        void method() {}
    }

    static class Unresolvable implements Bad {
        @InScope("${not.there}")
        void method() {}
    }

    static class PrivateMethod implements Bad {
        @InScope
        private void method() {}
    }

    static class StaticMethod implements Bad {
        @InScope
        static void method() {}
    }

    static class FinalMethod implements Bad {
        @InScope
        final void method() {}
    }

    static class ReturnsMono implements Bad {
        @InScope
        Mono<String> method() {
            return Mono.empty();
        }
    }

    static class ReturnsFlow implements Bad {
        @InScope
        Flow.Publisher<String> method() {
            return subscriber -> {};
        }
    }
}
