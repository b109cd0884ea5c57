// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.traio.Scope;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

/** The scope is inside of the transaction: its failure is what the transaction ends with. */
class InScopeTransactionTest {

    @Test
    void transaction_taskFails_isRolledBack() {
        with(bookings -> {
            assertThatIllegalStateException()
                    .isThrownBy(() -> bookings.book(true))
                    .withMessage("full");
            assertThat(bookings.count()).isZero();
        });
    }

    @Test
    void transaction_tasksSucceed_isCommitted() {
        with(bookings -> {
            bookings.book(false);
            assertThat(bookings.count()).isOne();
        });
    }

    private static void with(Consumer<Bookings> test) {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .run("--spring.main.banner-mode=off", "--traio.transaction-guard=off")) {
            test.accept(context.getBean(Bookings.class));
        }
    }

    static class Bookings {

        private final JdbcTemplate jdbc;

        Bookings(DataSource dataSource) {
            jdbc = new JdbcTemplate(dataSource);
            jdbc.execute("drop table if exists booking");
            jdbc.execute("create table booking (name varchar(10))");
        }

        /** Only the scope waits for the task, after the method has returned. */
        @Transactional
        @InScope
        public void book(boolean fail) {
            CountDownLatch inserted = new CountDownLatch(1);
            Scope.current().orElseThrow().spawn("check", () -> {
                inserted.await();
                if (fail) {
                    throw new IllegalStateException("full");
                }
                return null;
            });
            jdbc.update("insert into booking values ('ada')");
            inserted.countDown();
        }

        int count() {
            return jdbc.queryForObject("select count(*) from booking", Integer.class);
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableTransactionManagement
    static class App {

        @Bean
        DataSource dataSource() {
            return new DriverManagerDataSource("jdbc:h2:mem:in-scope;DB_CLOSE_DELAY=-1");
        }

        @Bean
        PlatformTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }

        @Bean
        Bookings bookings(DataSource dataSource) {
            return new Bookings(dataSource);
        }
    }
}
