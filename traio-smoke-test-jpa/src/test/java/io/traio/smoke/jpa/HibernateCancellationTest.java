// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import io.traio.Action;
import io.traio.FactoryOptions;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.smoke.jpa.JpaApp.Item;
import io.traio.smoke.jpa.JpaApp.Items;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.transaction.support.TransactionTemplate;

/** What Hibernate runs in a real PostgreSQL ends with its scope, and the only connection of the pool stays. */
@SpringBootTest(
        classes = JpaApp.class,
        properties = {
            "spring.datasource.username=postgres",
            "spring.datasource.hikari.maximum-pool-size=1",
            "spring.datasource.hikari.connection-timeout=20000",
            "spring.jpa.hibernate.ddl-auto=create",
            // An interrupt that comes so late shows that it is not needed.
            "traio.jdbc.interrupt-after=10s",
            // The first test of all may take most of its time to load classes.
            "traio.jdbc.min-remaining=0"
        })
class HibernateCancellationTest {

    private static final Duration TIMEOUT = Duration.ofMillis(200);
    private static final int CANCELS = Integer.getInteger("traio.jdbc.cancels", 100);

    private static EmbeddedPostgres postgres;

    /** What runs the tasks. */
    enum Threads {
        PLATFORM,
        VIRTUAL;

        ScopeFactory scopes() {
            assumeTrue(this == PLATFORM || Runtime.version().feature() >= 21, "virtual threads");
            ThreadFactory threads = this == PLATFORM ? Thread::new : FactoryOptions.virtualThreads("task-");
            return ScopeFactory.create(f -> f.withThreadFactory(threads));
        }
    }

    @PersistenceContext
    private EntityManager entities;

    @Autowired
    private Items items;

    @Autowired
    private JdbcClient client;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private HikariDataSource pool;

    private int backend;

    @DynamicPropertySource
    static void start(DynamicPropertyRegistry properties) throws IOException {
        postgres = EmbeddedPostgres.builder().start();
        properties.add("spring.datasource.url", () -> postgres.getJdbcUrl("postgres", "postgres"));
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void oneItem() {
        items.deleteAllInBatch();
        items.save(new Item(1));
        backend = backend();
    }

    private int backend() {
        return client.sql("select pg_backend_pid()").query(Integer.class).single();
    }

    /** Asked on another connection. */
    private boolean runsInTheServer() {
        return Boolean.TRUE.equals(new JdbcTemplate(postgres.getPostgresDatabase())
                .queryForObject(
                        "select state like 'active' from pg_stat_activity where pid = ?", Boolean.class, backend));
    }

    /** Runs code in a task of a scope that times out, and says no more than that. Then the connection is as it was. */
    private void assertEndsWithItsScope(Threads threads, Action code) {
        try (ScopeFactory scopes = threads.scopes()) {
            long start = System.nanoTime();
            Throwable thrown = catchThrowable(
                    () -> scopes.run("query", s -> s.withTimeout(TIMEOUT), scope -> scope.spawn("task", code)));
            long exited = System.nanoTime();
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> !runsInTheServer());
            assertThat(Duration.ofNanos(exited - start)).isBetween(TIMEOUT, Duration.ofSeconds(5));
            assertThat(thrown)
                    .isInstanceOf(ScopeTimeoutException.class)
                    .hasNoCause()
                    .hasNoSuppressedExceptions();
        }
        assertConnectionKept();
    }

    private void assertConnectionKept() {
        assertThat(backend()).isEqualTo(backend);
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
        assertThat(items.findAll()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void nativeQuery_scopeTimesOut_endsInTheServer(Threads threads) {
        assertEndsWithItsScope(
                threads, () -> entities.createNativeQuery("select pg_sleep(60)").getResultList());
    }

    @ParameterizedTest
    @EnumSource
    void jpql_scopeTimesOut_endsInTheServer(Threads threads) {
        assertEndsWithItsScope(
                threads,
                () -> entities.createQuery(JpaApp.SLOW_JPQL, Item.class).getResultList());
    }

    @ParameterizedTest
    @EnumSource
    void methodOfARepository_scopeTimesOut_endsInTheServer(Threads threads) {
        assertEndsWithItsScope(threads, () -> items.slowly());
    }

    @ParameterizedTest
    @EnumSource
    void jdbcClient_scopeTimesOut_endsInTheServer(Threads threads) {
        assertEndsWithItsScope(
                threads,
                () -> client.sql("select pg_sleep(?)").param(60).query().listOfRows());
    }

    @ParameterizedTest
    @EnumSource
    void transaction_scopeTimesOut_isRolledBack(Threads threads) {
        assertEndsWithItsScope(
                threads,
                () -> transaction.executeWithoutResult(status -> {
                    entities.persist(new Item(2));
                    entities.flush();
                    items.slowly();
                }));
    }

    @ParameterizedTest
    @EnumSource
    void flushAtCommit_scopeTimesOut_isRolledBack(Threads threads) {
        client.sql("create or replace rule slow as on insert to item where new.id = 3 do also select pg_sleep(60)")
                .update();
        assertEndsWithItsScope(
                threads,
                () -> transaction.executeWithoutResult(status -> {
                    entities.persist(new Item(2));
                    entities.persist(new Item(3));
                }));
        client.sql("drop rule slow on item").update();
    }

    @ParameterizedTest
    @EnumSource
    void randomCancels_nextBorrowerNeverSeesThem(Threads threads) {
        try (ScopeFactory scopes = threads.scopes()) {
            for (int i = 0; i < CANCELS; i++) {
                long micros = ThreadLocalRandom.current().nextLong(3_000);
                scopes.run("round " + i, scope -> {
                    Task<?> task = scope.spawn("task", () -> {
                        for (int id = 2; ; id++) {
                            Item next = new Item(id);
                            transaction.executeWithoutResult(status -> {
                                entities.persist(next);
                                entities.flush();
                                status.setRollbackOnly();
                            });
                        }
                    });
                    TimeUnit.MICROSECONDS.sleep(micros);
                    task.cancel();
                });
                assertThat(backend()).as("round " + i).isEqualTo(backend);
            }
        }
        assertConnectionKept();
    }
}
