// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.transaction.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.request.WebServer;
import io.traio.spring.boot.task.autoconfigure.ScopeTaskExecutorAutoConfiguration;
import io.traio.spring.boot.task.autoconfigure.TraioTaskExecutorAutoConfiguration;
import io.traio.spring.boot.transaction.TransactionGuard;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@ExtendWith(OutputCaptureExtension.class)
class TransactionGuardAutoConfigurationTest {

    private static final String WARNING = "A task was spawned in the transaction 'booking' at ";

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withUserConfiguration(Database.class)
            .withConfiguration(AutoConfigurations.of(
                    ScopeTaskExecutorAutoConfiguration.class,
                    TraioTaskExecutorAutoConfiguration.class,
                    TransactionGuardAutoConfiguration.class,
                    ScopeFactoryAutoConfiguration.class));

    @Test
    void spawn_inTransaction_isWarnedOfWithThePlace(CapturedOutput output) {
        runner.run(context -> {
            AtomicBoolean ran = new AtomicBoolean();
            inTransaction(context, scope -> scope.spawn(() -> ran.set(true)));
            assertThat(ran).isTrue();
            assertThat(output).contains(WARNING + TransactionGuardAutoConfigurationTest.class.getName());
        });
    }

    @Test
    void spawn_inTransactionFromOnePlace_isWarnedOfOnce(CapturedOutput output) {
        runner.run(context -> {
            for (int i = 0; i < 3; i++) {
                inTransaction(context, scope -> scope.spawn(() -> {}));
            }
            assertThat(output.toString().split(WARNING, -1)).hasSize(2);
        });
    }

    @Test
    void async_twoMethodsInTransaction_areWarnedOfAtTheirCalls(CapturedOutput output) {
        runner.withUserConfiguration(WithAsync.class).run(context -> {
            Work work = context.getBean(Work.class);
            for (int i = 0; i < 2; i++) {
                inTransaction(context, scope -> {
                    work.alpha();
                    work.beta();
                });
            }
            assertThat(warnings(output))
                    .hasSize(2)
                    .allMatch(place -> place.startsWith(TransactionGuardAutoConfigurationTest.class.getName()));
        });
    }

    @Test
    void spawn_inTransactionByTheInjectedScope_isWarnedOfWithThePlace(CapturedOutput output) throws Exception {
        try (WebServer server = WebServer.start(WebServer.Kind.TOMCAT, Booking.class)) {
            assertThat(server.get("/book").body()).isEqualTo("booked");
        }
        assertThat(warnings(output))
                .singleElement(InstanceOfAssertFactories.STRING)
                .startsWith(Booking.Web.class.getName());
    }

    private static List<String> warnings(CapturedOutput output) {
        return Pattern.compile(Pattern.quote(WARNING) + "(\\S+)")
                .matcher(output)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void spawn_outsideTransaction_isNotWarnedOf(CapturedOutput output) {
        runner.run(context -> {
            context.getBean(ScopeFactory.class).run("work", scope -> scope.spawn(() -> {}));
            assertThat(output).doesNotContain("A task was spawned in");
        });
    }

    @Test
    void transaction_openedInTheTask_isNotWarnedOf(CapturedOutput output) {
        runner.run(context -> {
            JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
            Integer one = context.getBean(ScopeFactory.class)
                    .call(
                            "work",
                            scope -> scope.await(() -> transactions(context)
                                    .execute(status -> jdbc.queryForObject("select 1", Integer.class))));
            assertThat(one).isEqualTo(1);
            assertThat(output).doesNotContain("A task was spawned in");
        });
    }

    @Test
    void spawn_inTransactionToFail_throwsAndStartsNothing() {
        runner.withPropertyValues("traio.transaction-guard=fail").run(context -> {
            AtomicBoolean ran = new AtomicBoolean();
            assertThatExceptionOfType(IllegalTransactionStateException.class)
                    .isThrownBy(() -> inTransaction(context, scope -> scope.spawn(() -> ran.set(true))))
                    .withMessageContaining("'booking'")
                    .withMessageContaining("traio.transaction-guard");
            assertThat(ran).isFalse();
        });
    }

    @Test
    void spawn_afterTheCommitToFail_isNoLongerInTheTransaction(CapturedOutput output) {
        runner.withUserConfiguration(WithMail.class)
                .withPropertyValues("traio.transaction-guard=fail")
                .run(context -> {
                    transactions(context).executeWithoutResult(status -> context.publishEvent("booked"));
                    assertThat(context.getBean(Mail.class).sent).containsExactly("booked");
                    assertThat(output).doesNotContain("A task");
                });
    }

    @Test
    void async_inTransactionToFail_throws() {
        runner.withPropertyValues("traio.transaction-guard=fail").run(context -> {
            Executor executor = context.getBean("scopeTaskExecutor", Executor.class);
            assertThatExceptionOfType(IllegalTransactionStateException.class)
                    .isThrownBy(() -> inTransaction(context, scope -> executor.execute(() -> {})));
        });
    }

    @Test
    void guard_off_isMissing(CapturedOutput output) {
        for (String off : new String[] {"off", "OFF", "false"}) {
            runner.withPropertyValues("traio.transaction-guard=" + off).run(context -> {
                assertThat(context).hasNotFailed().doesNotHaveBean(TransactionGuard.class);
                inTransaction(context, scope -> scope.spawn(() -> {}));
                assertThat(output).doesNotContain("A task was spawned in");
            });
        }
    }

    @Test
    void guard_unknownValue_failsNamingTheProperty() {
        runner.withPropertyValues("traio.transaction-guard=maybe")
                .run(context -> assertThat(context).getFailure().hasStackTraceContaining("traio.transaction-guard"));
    }

    @Test
    void guard_ownBean_isThatOne() {
        TransactionGuard own = TransactionGuard.failing();
        runner.withBean("own", TransactionGuard.class, () -> own).run(context -> {
            assertThat(context.getBean(TransactionGuard.class)).isSameAs(own);
            assertThatExceptionOfType(IllegalTransactionStateException.class)
                    .isThrownBy(() -> inTransaction(context, scope -> scope.spawn(() -> {})));
        });
    }

    @Test
    void guard_transactionsMissing_isMissing() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        TransactionGuardAutoConfiguration.class, ScopeFactoryAutoConfiguration.class))
                .withClassLoader(new FilteredClassLoader(TransactionSynchronizationManager.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(ScopeFactory.class)
                        .doesNotHaveBean(TransactionGuardAutoConfiguration.class));
    }

    @Test
    void guard_traioDisabled_isMissing() {
        runner.withPropertyValues("traio.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(TransactionGuard.class));
    }

    private static void inTransaction(AssertableApplicationContext context, Consumer<Scope> body) {
        transactions(context)
                .executeWithoutResult(
                        status -> context.getBean(ScopeFactory.class).run("work", body::accept));
    }

    private static TransactionTemplate transactions(AssertableApplicationContext context) {
        TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        template.setName("booking");
        return template;
    }

    @Configuration(proxyBeanMethods = false)
    static class Database {

        @Bean
        DataSource dataSource() {
            return new DriverManagerDataSource("jdbc:h2:mem:guard");
        }

        @Bean
        PlatformTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }
    }

    static class Mail {

        final List<String> sent = new CopyOnWriteArrayList<>();
        private final ScopeFactory scopes;

        Mail(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        @TransactionalEventListener
        public void send(String event) {
            scopes.run("mail", scope -> scope.spawn(() -> sent.add(event)));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement
    static class WithMail {

        @Bean
        Mail mail(ScopeFactory scopes) {
            return new Mail(scopes);
        }
    }

    static class Work {

        @Async("scopeTaskExecutor")
        public void alpha() {}

        @Async("scopeTaskExecutor")
        public void beta() {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAsync
    static class WithAsync {

        @Bean
        Work work() {
            return new Work();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Database.class)
    static class Booking {

        @RestController
        static class Web {

            private final Scope scope;
            private final TransactionTemplate transactions;

            Web(Scope scope, PlatformTransactionManager transactions) {
                this.scope = scope;
                this.transactions = new TransactionTemplate(transactions);
                this.transactions.setName("booking");
            }

            @GetMapping("/book")
            String book() {
                return transactions.execute(status -> scope.await(() -> "booked"));
            }
        }
    }
}
