// SPDX-License-Identifier: Apache-2.0
package io.traio.test.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import io.traio.test.TestClock;
import io.traio.test.junit.ScopesExtension;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

/** In a context without Spring Boot; the starter's tests have one with it. */
@SpringJUnitConfig
@ExtendWith(ScopesExtension.class)
@WithTestClock
class WithTestClockTest {

    @Autowired
    private ScopeFactory scopes;

    @Autowired
    private TestClock clock;

    @Test
    void scopes_ofTheContext_goByTheClock() {
        scopes.run("quotes", s -> s.withTimeout(Duration.ofSeconds(10)), scope -> {
            clock.advance(Duration.ofSeconds(4));
            assertThat(scope.remaining()).contains(Duration.ofSeconds(6));
        });
    }

    @Nested
    class Inner {

        @Test
        void clock_ofTheEnclosingClass_isThere(@Autowired TimeSource time) {
            assertThat(time).isSameAs(clock);
        }
    }

    @SpringJUnitConfig(App.class)
    static class Leaky {

        @org.junit.jupiter.api.extension.RegisterExtension
        ScopesExtension extension = new ScopesExtension(Duration.ofMillis(50));

        @Test
        void leaves(@Autowired App app) {
            app.open();
        }
    }

    @Test
    void scope_ofAFactoryOfTheContext_isFoundWhenLeft() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(DiscoverySelectors.selectClass(Leaky.class))
                .execute()
                .testEvents()
                .assertStatistics(counts -> counts.failed(1));
    }

    @Configuration(proxyBeanMethods = false)
    static class App {

        @Autowired
        private ScopeFactory scopes;

        void open() {
            scopes.openShared("connections");
        }

        /** Not the one that a test is to get. */
        @Bean
        static TimeSource systemTime() {
            return TimeSource.system();
        }

        @Bean(destroyMethod = "close")
        static ScopeFactory scopeFactory(TimeSource time) {
            return ScopeFactory.create(f -> f.withTimeSource(time));
        }
    }
}
