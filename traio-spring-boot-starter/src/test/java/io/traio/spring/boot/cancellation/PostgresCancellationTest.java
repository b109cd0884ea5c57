// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.cancellation;

import static org.awaitility.Awaitility.await;

import io.traio.spi.CancellationSignal;
import io.traio.spring.boot.cancellation.ObservedScopes.Cancel;
import io.traio.spring.boot.cancellation.ObservedScopes.Threads;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.util.PSQLException;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Cancelled code of the PostgreSQL driver leaves as cancelled, whatever the driver makes of the interrupt; a lost server
 * is a failure. The driver reads from its socket, which reacts to interrupts on virtual threads only.
 */
class PostgresCancellationTest {

    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder().start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    // ---- in a query ----

    private static Callable<?> query() {
        return () -> {
            try (Connection connection = postgres.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                return statement.execute("select pg_sleep(20)");
            }
        };
    }

    private static Callable<?> queryWithSpring() {
        return () -> {
            new JdbcTemplate(postgres.getPostgresDatabase()).execute("select pg_sleep(20)");
            return null;
        };
    }

    private static final String SLEEPING =
            " from pg_stat_activity where state = 'active' and query = 'select pg_sleep(20)'";

    private static void awaitQuery() {
        JdbcTemplate jdbc = new JdbcTemplate(postgres.getPostgresDatabase());
        await().until(() -> jdbc.queryForObject("select count(*)" + SLEEPING, Integer.class) > 0);
    }

    /** Ends the sessions that sleep, from the side of the server. */
    private static void terminateQueries() {
        new JdbcTemplate(postgres.getPostgresDatabase()).queryForList("select pg_terminate_backend(pid)" + SLEEPING);
        await().until(() -> new JdbcTemplate(postgres.getPostgresDatabase())
                        .queryForObject("select count(*)" + SLEEPING, Integer.class)
                == 0);
    }

    @ParameterizedTest
    @EnumSource
    void query_onAVirtualThread_isCancelled(Cancel cancel) {
        try (ObservedScopes scopes = new ObservedScopes(Threads.VIRTUAL)) {
            scopes.assertCancelled(query(), PostgresCancellationTest::awaitQuery, cancel);
        } finally {
            terminateQueries();
        }
    }

    @ParameterizedTest
    @EnumSource
    void queryOfJdbcTemplate_onAVirtualThread_isCancelled(Cancel cancel) {
        try (ObservedScopes scopes = new ObservedScopes(Threads.VIRTUAL)) {
            scopes.assertCancelled(queryWithSpring(), PostgresCancellationTest::awaitQuery, cancel);
        } finally {
            terminateQueries();
        }
    }

    @ParameterizedTest
    @EnumSource
    void query_terminatedByTheServer_fails(Threads threads) {
        try (ObservedScopes scopes = new ObservedScopes(threads)) {
            scopes.assertFailed(
                    query(),
                    PostgresCancellationTest::awaitQuery,
                    (scope, task) -> terminateQueries(),
                    PSQLException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void queryOfJdbcTemplate_terminatedByTheServer_fails(Threads threads) {
        try (ObservedScopes scopes = new ObservedScopes(threads)) {
            scopes.assertFailed(
                    queryWithSpring(),
                    PostgresCancellationTest::awaitQuery,
                    (scope, task) -> terminateQueries(),
                    DataAccessException.class);
        }
    }

    // ---- while connecting ----

    private static Callable<?> connect(SilentServer server, String options) {
        return () -> {
            try (Connection connection =
                    DriverManager.getConnection("jdbc:postgresql://" + server.address() + "/db" + options)) {
                throw new SQLException("connected to a silent server: " + connection);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void connecting_onAVirtualThread_isCancelled(Cancel cancel) {
        try (ObservedScopes scopes = new ObservedScopes(Threads.VIRTUAL);
                SilentServer server = new SilentServer("")) {
            scopes.assertCancelled(connect(server, ""), server::awaitClient, cancel);
        }
    }

    /**
     * With a login timeout the driver connects on a thread of its own, and drops the interruption of its caller: no cause
     * tells of it, only a message. The application has to name that signal.
     */
    @ParameterizedTest
    @EnumSource
    void connectingWithLoginTimeout_andASignalForIt_isCancelled(Cancel cancel) {
        assertCancelledWithLoginTimeout(Threads.PLATFORM, cancel);
    }

    @ParameterizedTest
    @EnumSource
    void connectingWithLoginTimeoutOnAVirtualThread_andASignalForIt_isCancelled(Cancel cancel) {
        assertCancelledWithLoginTimeout(Threads.VIRTUAL, cancel);
    }

    private static void assertCancelledWithLoginTimeout(Threads threads, Cancel cancel) {
        CancellationSignal signal = t -> "Interrupted while attempting to connect.".equals(t.getMessage());
        try (ObservedScopes scopes = new ObservedScopes(threads, signal);
                SilentServer server = new SilentServer("")) {
            scopes.assertCancelled(connect(server, "?loginTimeout=20"), server::awaitClient, cancel);
        }
    }

    @ParameterizedTest
    @EnumSource
    void connecting_toAServerThatClosesTheConnection_fails(Threads threads) {
        try (ObservedScopes scopes = new ObservedScopes(threads);
                SilentServer server = new SilentServer("")) {
            scopes.assertFailed(
                    connect(server, ""), server::awaitClient, (scope, task) -> server.close(), PSQLException.class);
        }
    }
}
