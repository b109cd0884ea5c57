// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.docs;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.FactoryOptions;
import io.traio.Limiter;
import io.traio.Operators;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.spring.boot.factory.ScopeFactoryCustomizer;
import io.traio.spring.boot.inscope.InScope;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionTemplate;

/** The code of the pages of docs/guide and docs/reference that need Spring. */
@Timeout(60)
@DirtiesContext
@SpringBootTest(
        webEnvironment = WebEnvironment.NONE,
        properties = {"traio.transaction-guard=fail", "traio.cancel-timeout=2s"})
class SpringGuideTest {

    private static final Queue<String> FAILED = new ConcurrentLinkedQueue<>();

    @Component
    static class FailedScopes implements ScopeListener {

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            if (outcome.kind() == ScopeOutcome.Kind.FAILURE) {
                FAILED.add(scope.name());
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableTransactionManagement
    @Import({FailedScopes.class, Orders.class, Reports.class})
    static class Application {

        @Bean
        ScopeFactoryCustomizer scopeTimeouts() {
            return options -> options.withDefaults(s -> s.withTimeout(ofSeconds(30)));
        }

        @Bean
        Limiter databaseLimiter() {
            return Limiter.of("database", 10);
        }

        @Bean
        DataSource dataSource() {
            return new EmbeddedDatabaseBuilder()
                    .setType(EmbeddedDatabaseType.H2)
                    .generateUniqueName(true)
                    .build();
        }

        @Bean
        PlatformTransactionManager transactionManager(DataSource dataSource) {
            return new DataSourceTransactionManager(dataSource);
        }

        @Bean
        JdbcTemplate jdbcTemplate(DataSource dataSource) {
            return new JdbcTemplate(dataSource);
        }
    }

    record Offer(String price, String stock) {}

    // ---- transactions ----

    @Service
    static class Orders {

        private final ScopeFactory scopes;
        private final TransactionTemplate transaction;
        private final JdbcTemplate jdbc;

        Orders(ScopeFactory scopes, PlatformTransactionManager transactions, JdbcTemplate jdbc) {
            this.scopes = scopes;
            this.transaction = new TransactionTemplate(transactions);
            this.jdbc = jdbc;
        }

        private String askPrice(String item) {
            return item + " 5";
        }

        private String askStock(String item) {
            return item + " 7";
        }

        public Offer offer(String item) {
            Offer offer = Operators.on(scopes).all(() -> askPrice(item), () -> askStock(item), Offer::new);
            transaction.executeWithoutResult(status -> save(offer));
            return offer;
        }

        private void save(Offer offer) {
            jdbc.execute("create table if not exists offers (price varchar, stock varchar)");
            jdbc.update("insert into offers values (?, ?)", offer.price(), offer.stock());
        }

        int saved() {
            Integer count = jdbc.queryForObject("select count(*) from offers", Integer.class);
            return count == null ? 0 : count;
        }

        @Transactional
        public Offer spawnsInTransaction(String item) {
            return Operators.on(scopes).all(() -> askPrice(item), () -> askStock(item), Offer::new);
        }

        public void inTransactionsOfTheirOwn(List<String> items) {
            scopes.run("save", s -> s.withMaxConcurrency(4), scope -> {
                for (String item : items) {
                    scope.spawn(item, () -> transaction.executeWithoutResult(status -> save(new Offer(item, "0"))));
                }
            });
        }
    }

    @Autowired
    private Orders orders;

    @Test
    void workBeforeTheTransaction_isAllowed() {
        assertThat(orders.offer("pen")).isEqualTo(new Offer("pen 5", "pen 7"));
        assertThat(orders.saved()).isPositive();
    }

    @Test
    void tasksWithTransactionsOfTheirOwn_areAllowed() {
        orders.offer("pen");
        int before = orders.saved();
        orders.inTransactionsOfTheirOwn(List.of("a", "b", "c"));
        assertThat(orders.saved()).isEqualTo(before + 3);
    }

    @Test
    void spawn_inTransaction_isRefused() {
        assertThatThrownBy(() -> orders.spawnsInTransaction("pen"))
                .isInstanceOf(IllegalTransactionStateException.class)
                .hasMessageContaining("A task cannot be spawned in the transaction");
    }

    // ---- context ----

    @Autowired
    private ScopeFactory scopes;

    @Test
    void mdc_travelsIntoTasks() {
        MDC.put("user", "ada");
        try {
            String user = scopes.call("report", scope -> scope.await("user", () -> MDC.get("user")));
            assertThat(user).isEqualTo("ada");
        } finally {
            MDC.remove("user");
        }
    }

    // ---- self-invocation ----

    @Service
    static class Reports {

        @InScope("report")
        public String report() {
            return Scope.requireCurrent().name();
        }

        public String selfInvoked() {
            return report();
        }
    }

    @Autowired
    private Reports reports;

    @Test
    void inScope_byTheProxy_hasAScope() {
        assertThat(reports.report()).isEqualTo("report");
        assertThatThrownBy(() -> reports.selfInvoked())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("No scope is current on ");
    }

    // ---- customizers, listeners, limiters ----

    @Autowired
    private FactoryOptions options;

    @Autowired
    private Limiter limiter;

    @Test
    void beans_areUsed() {
        assertThat(options.defaults().timeout()).isEqualTo(ofSeconds(30));
        assertThat(options.defaults().cancelTimeout()).isEqualTo(ofSeconds(2));
        assertThatThrownBy(() -> scopes.run("failing", s -> s.withLimiter(limiter), scope -> {
                    Task<String> task = scope.spawn("down", () -> {
                        throw new IllegalStateException("down");
                    });
                    task.join();
                }))
                .hasMessage("down");
        assertThat(FAILED).contains("failing");
    }

    @Test
    void cancel_saysWhy() {
        assertThatThrownBy(() -> scopes.call("search", scope -> {
                    scope.cancel("client went away");
                    Scope.checkCancelled();
                    return "";
                }))
                .isInstanceOf(ScopeCancelledException.class)
                .hasMessageContaining("client went away");
    }
}
