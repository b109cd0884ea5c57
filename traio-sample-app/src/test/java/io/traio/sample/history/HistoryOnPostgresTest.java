// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.sample.SampleTest;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;

/** The profile {@code postgres}, with a real server. */
@SampleTest
@ActiveProfiles("postgres")
@TestPropertySource(properties = "sample.history.timeout=1s")
@DirtiesContext
class HistoryOnPostgresTest {

    private static EmbeddedPostgres postgres;

    @Autowired
    private RestTestClient rest;

    @DynamicPropertySource
    static void start(DynamicPropertyRegistry properties) throws IOException {
        postgres = EmbeddedPostgres.builder().start();
        properties.add("spring.datasource.url", () -> postgres.getJdbcUrl("postgres", "postgres"));
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    private HttpStatusCode status(String path) {
        return rest.get().uri(path).exchange().returnResult(String.class).getStatus();
    }

    @Test
    void searches_areKeptInPostgres() throws SQLException {
        assertThat(status("/quotes?from=NRT&to=PAR&timeout=10s")).isEqualTo(HttpStatus.OK);
        try (Connection connection = postgres.getPostgresDatabase().getConnection()) {
            assertThat(count(connection, "select count(*) from search")).isPositive();
        }
    }

    @Test
    void slowQueries_ofTheHistory_areCancelledWithItsScope() throws SQLException {
        assertThat(status("/searches")).isEqualTo(HttpStatus.OK);
        try (Connection lock = postgres.getPostgresDatabase().getConnection();
                Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute("lock table search, quote in access exclusive mode");
            assertThat(status("/searches")).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
            await().atMost(Duration.ofSeconds(5)).until(() -> waitingForLocks(lock) == 0);
        }
        assertThat(status("/searches")).isEqualTo(HttpStatus.OK);
    }

    /** Nothing but a cancel ends a query that waits: the lock is still held. */
    private static int waitingForLocks(Connection connection) throws SQLException {
        return count(connection, "select count(*) from pg_locks where not granted");
    }

    private static int count(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
