// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.ClassUtils;

/**
 * Begins transactions of PostgreSQL before their first statement. Its driver would send {@code BEGIN} together with that
 * statement, but as a command of its own: a cancel that hits the {@code BEGIN} would have the statement run outside of any
 * transaction, where it is committed at once.
 */
final class PostgresTransactions {

    private static final Logger LOGGER = LoggerFactory.getLogger(PostgresTransactions.class);
    private static final boolean DRIVER =
            ClassUtils.isPresent("org.postgresql.core.BaseConnection", PostgresTransactions.class.getClassLoader());

    private PostgresTransactions() {}

    /** Begins the transaction that the statement would begin; a no-op if it would begin none, and for other databases. */
    static void begin(Statement first, Duration interruptAfter) {
        if (!DRIVER) {
            return;
        }
        try {
            Connection connection = first.getConnection();
            if (connection != null && !connection.getAutoCommit()) {
                Driver.begin(connection, interruptAfter);
            }
        } catch (SQLException e) {
            // The statement meets the same error, and says it to the application.
            LOGGER.debug("A transaction could not be begun", e);
        }
    }

    /** Loaded only where the driver is. */
    private static final class Driver {

        static void begin(Connection connection, Duration interruptAfter) throws SQLException {
            if (!connection.isWrapperFor(BaseConnection.class)) {
                return;
            }
            BaseConnection postgres = connection.unwrap(BaseConnection.class);
            if (postgres.getTransactionState() != TransactionState.IDLE) {
                return;
            }
            GuardedCall call = GuardedCall.withoutStatement(interruptAfter);
            try {
                postgres.execSQLUpdate(postgres.hintReadOnly() ? "BEGIN READ ONLY" : "BEGIN");
            } finally {
                call.end(null);
            }
        }
    }
}
