// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Bean;

class InScopeClassFilterTest {

    private final InScopeClassFilter candidates = new InScopeClassFilter();

    @ParameterizedTest
    @ValueSource(
            classes = {
                Annotated.class,
                Hidden.class,
                OfParent.class,
                OfInterface.class,
                OfParentOfInterface.class,
                Meta.class
            })
    void class_thatMayHaveTheAnnotation_isOne(Class<?> type) {
        assertThat(candidates.matches(type)).isTrue();
    }

    @Test
    void class_withAnnotationsOfJavaAndSpringOnly_isNone() {
        assertThat(candidates.matches(Other.class)).isFalse();
    }

    @Test
    void classOfJava_isNone() {
        assertThat(candidates.matches(Thread.class)).isFalse();
    }

    @Retention(RetentionPolicy.RUNTIME)
    @InScope
    @interface Ours {}

    static class Annotated {
        @InScope
        public void run() {}
    }

    static class Hidden {
        @InScope
        private void run() {}
    }

    static class OfParent extends Annotated {}

    interface Contract {
        @InScope
        void run();
    }

    interface Below extends Contract {}

    static class OfInterface implements Contract {
        @Override
        public void run() {}
    }

    abstract static class OfParentOfInterface extends OfInterface implements Below {}

    static class Meta {
        @Ours
        public void run() {}
    }

    static class Other {
        @Bean
        @Deprecated
        public void run() {}
    }
}
