// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.jdbc.StatementCancellationPostProcessor;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.proxy.ProxyJdbcObject;
import net.ttddyy.dsproxy.support.ProxyDataSource;
import org.h2.jdbc.JdbcConnection;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

class StatementCancellationAutoConfigurationTest {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ScopeFactoryAutoConfiguration.class, StatementCancellationAutoConfiguration.class))
            .withUserConfiguration(Pool.class);

    private static boolean isProxied(DataSource dataSource) throws Exception {
        try (Connection connection = dataSource.getConnection()) {
            return connection instanceof ProxyJdbcObject;
        }
    }

    @Test
    void dataSource_byDefault_refusesStatementsInCancelledScopesAndKeepsItsClass() {
        runner.run(context -> {
            HikariDataSource pool = context.getBean(HikariDataSource.class);
            assertThat(isProxied(pool)).isTrue();
            JdbcTemplate jdbc = new JdbcTemplate(pool);
            context.getBean(ScopeFactory.class).run("run", scope -> {
                assertThat(jdbc.queryForObject("select 1", Integer.class)).isEqualTo(1);
                scope.cancel();
                assertThatThrownBy(() -> jdbc.execute("select 1")).isInstanceOf(ScopeCancelledException.class);
            });
        });
    }

    @Test
    void dataSource_isUnwrapped() {
        runner.run(context -> {
            DataSource pool = context.getBean(DataSource.class);
            assertThat(pool.unwrap(HikariDataSource.class)).isNotNull();
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.unwrap(JdbcConnection.class)).isNotNull();
            }
        });
    }

    @Test
    void dataSource_ofDatasourceProxy_isTakenAsItIs() {
        runner.withBean("proxied", ProxyDataSource.class, () -> new ProxyDataSource(new Pool().pool()))
                .run(context -> {
                    ProxyDataSource proxied = context.getBean(ProxyDataSource.class);
                    assertThat(proxied.getProxyConfig().getMethodListener().getListeners())
                            .hasSize(1);
                });
    }

    @Test
    void dataSources_routedAndScoped_areProxied() {
        runner.withUserConfiguration(Others.class).run(context -> {
            assertThat(isProxied(context.getBean("routing", DataSource.class))).isTrue();
            assertThat(isProxied(context.getBean("scoped", DataSource.class))).isTrue();
        });
    }

    @Test
    void statement_withTooLittleTimeLeft_isNotBegun() {
        runner.withPropertyValues("traio.jdbc.min-remaining=1h").run(context -> {
            JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
            assertThatThrownBy(() -> context.getBean(ScopeFactory.class)
                            .run("late", s -> s.withTimeout(Duration.ofMinutes(1)), scope -> jdbc.execute("select 1")))
                    .isInstanceOf(ScopeTimeoutException.class)
                    .hasMessageContaining("No statement is begun in scope 'late'")
                    .hasMessageContaining("traio.jdbc.min-remaining");
        });
    }

    @Test
    void dataSource_excluded_isLeftAlone() {
        runner.withPropertyValues("traio.jdbc.excluded-beans=pool")
                .run(context ->
                        assertThat(isProxied(context.getBean(DataSource.class))).isFalse());
    }

    @Test
    void dataSource_whereDisabled_isLeftAlone() {
        runner.withPropertyValues("traio.jdbc.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(StatementCancellationPostProcessor.class));
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(StatementCancellationPostProcessor.class));
        runner.withClassLoader(new FilteredClassLoader(ProxyDataSource.class))
                .run(context -> assertThat(context).doesNotHaveBean(StatementCancellationPostProcessor.class));
    }

    @Test
    void values_outOfRange_failTheStart() {
        runner.withPropertyValues("traio.jdbc.interrupt-after=0s")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("traio.jdbc.interrupt-after"));
        runner.withPropertyValues("traio.jdbc.min-remaining=-1s")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("traio.jdbc.min-remaining"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Pool {

        @Bean
        HikariDataSource pool() {
            HikariDataSource pool = new HikariDataSource();
            pool.setJdbcUrl("jdbc:h2:mem:");
            pool.setMaximumPoolSize(1);
            return pool;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Others {

        @Bean
        static org.springframework.beans.factory.config.CustomScopeConfigurer threadScope() {
            var scopes = new org.springframework.beans.factory.config.CustomScopeConfigurer();
            scopes.addScope("thread", new SimpleThreadScope());
            return scopes;
        }

        @Bean
        @Scope(scopeName = "thread", proxyMode = ScopedProxyMode.TARGET_CLASS)
        HikariDataSource scoped() {
            return new Pool().pool();
        }

        @Bean
        AbstractRoutingDataSource routing() {
            AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {
                @Override
                protected Object determineCurrentLookupKey() {
                    return "one";
                }
            };
            routing.setTargetDataSources(Map.of("one", new Pool().pool()));
            return routing;
        }
    }
}
