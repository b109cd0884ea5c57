// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariDataSource;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.spring.boot.jdbc.Databases.Threads;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** An interrupt closes a database of H2 that is a file in this process. Cancelled statements leave it open. */
@Timeout(60)
class H2StatementTest {

    private static final int CANCELS = Integer.getInteger("traio.jdbc.cancels", 200);
    private static final String LONG = "select count(*) from system_range(1, 100000) a, system_range(1, 100000) b";

    @ParameterizedTest
    @EnumSource
    void query_scopeTimesOut_endsAndCostsNoConnection(Threads threads) {
        try (HikariDataSource pool = Databases.pool("jdbc:h2:mem:cancelled-" + threads, 1);
                ScopeFactory scopes = threads.scopes()) {
            JdbcTemplate jdbc = Databases.jdbc(pool);
            int session = session(jdbc);
            Throwable thrown = catchThrowable(() -> scopes.run(
                    "query",
                    s -> s.withTimeout(Duration.ofMillis(200)),
                    scope -> scope.spawn("task", () -> jdbc.execute(LONG))));
            assertThat(thrown).isInstanceOf(ScopeTimeoutException.class).hasNoSuppressedExceptions();
            assertThat(session(jdbc)).isEqualTo(session);
        }
    }

    /** Why it takes a cancel: no interrupt ends a query in memory. */
    @ParameterizedTest
    @EnumSource
    void queryInMemory_interruptedOnly_runsOn(Threads threads) {
        try (HikariDataSource pool = Databases.pool("jdbc:h2:mem:interrupted-" + threads, 1);
                ScopeFactory scopes = threads.scopes()) {
            AtomicReference<Statement> running = new AtomicReference<>();
            Throwable thrown = catchThrowable(() -> scopes.run(
                    "query",
                    s -> s.withTimeout(Duration.ofMillis(200)),
                    scope -> scope.spawn(
                            "task",
                            () -> {
                                try (Connection connection = pool.getConnection();
                                        Statement statement = connection.createStatement()) {
                                    running.set(statement);
                                    statement.execute(LONG);
                                }
                            },
                            t -> t.withCancelTimeout(Duration.ofMillis(300)))));
            assertThatCode(() -> running.get().cancel()).doesNotThrowAnyException();
            assertThat(thrown).isInstanceOf(StragglerException.class);
        }
    }

    private static int session(JdbcTemplate jdbc) {
        return jdbc.queryForObject("select session_id()", Integer.class);
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(600)
    void randomCancels_ofTransactions_fileStaysOpen(Threads threads, @TempDir Path directory) {
        String url = "jdbc:h2:file:" + directory.resolve("items");
        try (HikariDataSource pool = Databases.pool(url, 1);
                ScopeFactory scopes = threads.scopes()) {
            JdbcTemplate jdbc = Databases.jdbc(pool);
            TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(jdbc.getDataSource()));
            jdbc.execute("create table item (id int primary key, text varchar(1000))");
            int session = session(jdbc);
            for (int i = 0; i < CANCELS; i++) {
                int round = i;
                scopes.run("round " + i, scope -> {
                    scope.spawn("task", () -> {
                        for (int n = 0; ; n++) {
                            int id = n;
                            transaction.executeWithoutResult(status -> {
                                jdbc.update("merge into item values (?, ?)", id % 100, "x".repeat(500) + round);
                                jdbc.queryForList("select * from item");
                            });
                        }
                    });
                    Thread.sleep(ThreadLocalRandom.current().nextInt(5));
                    scope.cancel();
                });
                assertThat(session(jdbc)).as("round " + i).isEqualTo(session);
            }
        }
    }
}
