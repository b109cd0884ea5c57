// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.springframework.util.ClassUtils;

/**
 * Cancels a statement that was cancelled before and runs on. A server that gets a cancel before the statement forgets it; the
 * driver of PostgreSQL sends one for each execution and ignores further ones. Its connection sends as many as it is told.
 */
final class RepeatedCancel {

    private static final boolean POSTGRES =
            ClassUtils.isPresent("org.postgresql.PGConnection", RepeatedCancel.class.getClassLoader());

    private RepeatedCancel() {}

    /** The caller has made sure that nothing else runs on the connection until this returns. */
    static void send(Statement statement) throws SQLException {
        Connection connection = POSTGRES ? statement.getConnection() : null;
        if (connection == null || !Postgres.cancel(connection)) {
            statement.cancel();
        }
    }

    /** Loaded only where the driver is. */
    private static final class Postgres {

        static boolean cancel(Connection connection) throws SQLException {
            if (!connection.isWrapperFor(PGConnection.class)) {
                return false;
            }
            connection.unwrap(PGConnection.class).cancelQuery();
            return true;
        }
    }
}
