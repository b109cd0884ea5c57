// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.spring.boot.jdbc.Databases.Threads;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.listener.MethodExecutionContext;
import net.ttddyy.dsproxy.listener.MethodExecutionListener;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Statements of a real PostgreSQL end with their scope, and the only connection of the pool stays. */
@Timeout(60)
class PostgresStatementTest {

    private static final String SLEEP = "select pg_sleep(60)";
    /** 10,000 for a thorough run. */
    private static final int CANCELS = Integer.getInteger("traio.jdbc.cancels", 200);

    private static EmbeddedPostgres postgres;

    private HikariDataSource pool;
    private JdbcTemplate jdbc;
    private int backend;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder().start();
        admin().execute("create table item (id int primary key)");
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    private static JdbcTemplate admin() {
        return new JdbcTemplate(postgres.getPostgresDatabase());
    }

    @BeforeEach
    void open() {
        admin().execute("delete from item");
        pool = Databases.pool(postgres.getJdbcUrl("postgres", "postgres"), 1);
        jdbc = Databases.jdbc(pool);
        backend = backend();
    }

    @AfterEach
    void close() {
        pool.close();
    }

    private int backend() {
        return jdbc.queryForObject("select pg_backend_pid()", Integer.class);
    }

    private static int running(String query) {
        return admin().queryForObject(
                        "select count(*) from pg_stat_activity where state = 'active' and query = ?",
                        Integer.class,
                        query);
    }

    private static void awaitNoneRuns(String query) {
        await().atMost(Duration.ofSeconds(5)).until(() -> running(query) == 0);
    }

    /** The pool has lent its connection to nobody, and it is the one that it was. */
    private void assertConnectionKept() {
        assertThat(backend()).isEqualTo(backend);
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    private interface Code {
        void run() throws Exception;
    }

    /** Runs code in a task of a scope of 200 ms, which times out and says no more than that. */
    private void assertTimesOut(Threads threads, Code code) {
        try (ScopeFactory scopes = threads.scopes()) {
            long start = System.nanoTime();
            Throwable thrown = catchThrowable(() -> scopes.run(
                    "query",
                    s -> s.withTimeout(Duration.ofMillis(200)),
                    scope -> scope.spawn("task", () -> code.run())));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(thrown)
                    .isInstanceOf(ScopeTimeoutException.class)
                    .hasNoCause()
                    .hasNoSuppressedExceptions();
        }
    }

    @ParameterizedTest
    @EnumSource
    void query_scopeTimesOut_isGoneFromTheServer(Threads threads) {
        assertTimesOut(threads, () -> jdbc.execute(SLEEP));
        awaitNoneRuns(SLEEP);
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    void queryOfJdbcClient_scopeTimesOut_isGoneFromTheServer(Threads threads) {
        JdbcClient client = JdbcClient.create(jdbc);
        assertTimesOut(
                threads,
                () -> client.sql("select pg_sleep(?)").param(60).query().listOfRows());
        awaitNoneRuns("select pg_sleep($1)");
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    void queryThroughALazyDataSource_scopeTimesOut_isGoneFromTheServer(Threads threads) {
        JdbcTemplate lazy =
                new JdbcTemplate(Databases.cancelling(new LazyConnectionDataSourceProxy(jdbc.getDataSource())));
        assertTimesOut(threads, () -> lazy.execute(SLEEP));
        awaitNoneRuns(SLEEP);
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    void queryInABody_scopeCancelled_isGoneFromTheServer(Threads threads) {
        try (ScopeFactory scopes = threads.scopes()) {
            scopes.run("query", scope -> {
                Thread canceller = new Thread(() -> {
                    await().until(() -> running(SLEEP) == 1);
                    scope.cancel();
                });
                canceller.start();
                jdbc.execute(SLEEP);
            });
        }
        awaitNoneRuns(SLEEP);
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    void transaction_cancelled_isRolledBack(Threads threads) {
        TransactionTemplate transaction = transaction();
        assertTimesOut(
                threads,
                () -> transaction.executeWithoutResult(status -> {
                    jdbc.update("insert into item values (1)");
                    jdbc.execute(SLEEP);
                }));
        assertThat(jdbc.queryForObject("select count(*) from item", Integer.class))
                .isZero();
        assertConnectionKept();
    }

    private TransactionTemplate transaction() {
        return new TransactionTemplate(new JdbcTransactionManager(jdbc.getDataSource()));
    }

    /** A cancel must not hit the {@code BEGIN} that the driver sends together with the first statement. */
    @ParameterizedTest
    @EnumSource
    void transaction_firstStatement_findsItBegun(Threads threads) {
        List<TransactionState> states = new ArrayList<>();
        DataSource watched = ProxyDataSourceBuilder.create(pool)
                .methodListener(new StateOfTransactions(states))
                .build();
        JdbcTemplate observed = Databases.jdbc(new DelegatingDataSource(watched));
        TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(observed.getDataSource()));
        try (ScopeFactory scopes = threads.scopes()) {
            scopes.run("query", scope -> {
                observed.update("insert into item values (1)");
                transaction.executeWithoutResult(status -> observed.update("insert into item values (2)"));
            });
        }
        assertThat(states).containsExactly(TransactionState.IDLE, TransactionState.OPEN);
        assertConnectionKept();
    }

    /** Notes the state of the transaction in which each statement is executed. */
    private record StateOfTransactions(List<TransactionState> states) implements MethodExecutionListener {

        @Override
        public void beforeMethod(MethodExecutionContext context) {
            if (context.getTarget() instanceof Statement statement
                    && context.getMethod().getName().startsWith("execute")) {
                try {
                    states.add(statement
                            .getConnection()
                            .unwrap(BaseConnection.class)
                            .getTransactionState());
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        }

        @Override
        public void afterMethod(MethodExecutionContext context) {}
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(600)
    void randomCancels_ofTransactions_leaveNothing(Threads threads) {
        TransactionTemplate transaction = transaction();
        try (ScopeFactory scopes = threads.scopes()) {
            for (int i = 0; i < CANCELS; i++) {
                long micros = ThreadLocalRandom.current().nextLong(3_000);
                scopes.run("round " + i, scope -> {
                    Task<?> task = scope.spawn("task", () -> {
                        for (; ; ) {
                            transaction.executeWithoutResult(status -> {
                                jdbc.update("insert into item values (1)");
                                status.setRollbackOnly();
                            });
                        }
                    });
                    TimeUnit.MICROSECONDS.sleep(micros);
                    task.cancel();
                });
                assertThat(jdbc.queryForObject("select count(*) from item", Integer.class))
                        .as("round " + i)
                        .isZero();
            }
        }
        assertConnectionKept();
    }

    /** A cancel that comes to the server before the statement is forgotten there: one more must follow. */
    @ParameterizedTest
    @EnumSource
    void randomCancels_asLongStatementsBegin_endThemAll(Threads threads) {
        try (ScopeFactory scopes = threads.scopes()) {
            for (int i = 0; i < CANCELS; i++) {
                long micros = ThreadLocalRandom.current().nextLong(1_500);
                scopes.run("round " + i, s -> s.withCancelTimeout(Duration.ofSeconds(5)), scope -> {
                    CountDownLatch begins = new CountDownLatch(1);
                    Task<?> task = scope.spawn("task", () -> {
                        begins.countDown();
                        jdbc.execute("select pg_sleep(60)");
                    });
                    begins.await();
                    TimeUnit.MICROSECONDS.sleep(micros);
                    task.cancel();
                });
            }
        }
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    void batchInATransaction_cancelled_leavesNothing(Threads threads) {
        TransactionTemplate transaction = transaction();
        List<Object[]> rows =
                IntStream.range(0, 1_000).mapToObj(i -> new Object[] {i}).toList();
        assertTimesOut(
                threads,
                () -> transaction.executeWithoutResult(status ->
                        jdbc.batchUpdate("insert into item select ? from (select pg_sleep(0.02)) as pause", rows)));
        assertThat(jdbc.queryForObject("select count(*) from item", Integer.class))
                .isZero();
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    void statementAfterTheCancel_isNotBegun(Threads threads) {
        AtomicReference<@Nullable Throwable> second = new AtomicReference<>();
        TransactionTemplate transaction = transaction();
        assertTimesOut(
                threads,
                () -> transaction.executeWithoutResult(status -> {
                    try {
                        jdbc.execute(SLEEP);
                    } catch (DataAccessException e) {
                        second.set(catchThrowable(() -> jdbc.update("insert into item values (1)")));
                        throw e;
                    }
                }));
        assertThat(second.get()).isInstanceOf(ScopeCancelledException.class);
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    void streamedResultSet_cancelled_stops(Threads threads) {
        assertTimesOut(threads, () -> {
            try (Connection connection = jdbc.getDataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.setFetchSize(2);
                try (ResultSet rows =
                        statement.executeQuery("select i, pg_sleep(0.01 * i) from generate_series(1, 10000) as i")) {
                    while (rows.next()) {
                        rows.getInt(1);
                    }
                }
            }
        });
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    void statementTimeoutOfTheServer_isAFailure(Threads threads) {
        try (ScopeFactory scopes = threads.scopes()) {
            assertThatThrownBy(() -> scopes.run(
                            "query",
                            scope -> scope.spawn("task", () -> {
                                jdbc.execute("set statement_timeout = 50; " + SLEEP);
                            })))
                    .isInstanceOf(QueryTimeoutException.class)
                    .rootCause()
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void queryTimeout_isThatOfTheScopeWhileItRuns(Threads threads) throws Exception {
        try (ScopeFactory scopes = threads.scopes();
                Connection connection = jdbc.getDataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(90);
            scopes.run("query", s -> s.withTimeout(Duration.ofSeconds(30)), scope -> statement.execute("select 1"));
            assertThat(statement.getQueryTimeout()).isEqualTo(90);
        }
    }

    @ParameterizedTest
    @EnumSource
    void abandonedTask_scopeTimesOut_itsQueryEnds(Threads threads) {
        try (ScopeFactory scopes = threads.scopes()) {
            CountDownLatch ended = new CountDownLatch(1);
            catchThrowable(() -> scopes.run(
                    "query",
                    s -> s.withTimeout(Duration.ofMillis(200)),
                    scope -> scope.spawn(
                            "task",
                            () -> {
                                try {
                                    jdbc.execute(SLEEP);
                                } finally {
                                    ended.countDown();
                                }
                            },
                            t -> t.withAbandonOnCancel(true))));
            await().until(() -> ended.getCount() == 0);
        }
        assertConnectionKept();
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(600)
    void randomCancels_nextBorrowerNeverSeesThem(Threads threads) {
        try (ScopeFactory scopes = threads.scopes()) {
            for (int i = 0; i < CANCELS; i++) {
                long micros = ThreadLocalRandom.current().nextLong(3_000);
                scopes.run("round " + i, scope -> {
                    Task<?> task = scope.spawn("task", () -> {
                        for (; ; ) {
                            jdbc.execute("select pg_sleep(0.001)");
                        }
                    });
                    Thread.sleep(Duration.ofNanos(micros * 1_000).toMillis(), (int) (micros % 1_000) * 1_000);
                    if (micros % 2 == 0) {
                        task.cancel();
                    } else {
                        scope.cancel();
                    }
                });
                assertThat(backend()).as("round " + i).isEqualTo(backend);
            }
        }
        assertConnectionKept();
    }
}
