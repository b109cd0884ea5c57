// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import java.sql.SQLException;
import java.util.Set;

/** How drivers say that a statement was cancelled. */
final class CancelledStates {

    /** PostgreSQL, H2, Db2; MySQL, MariaDB; SQL Server, HSQLDB. */
    private static final Set<String> STATES = Set.of("57014", "70100", "HY008");
    /** ORA-01013, whose state stands for many others, too. */
    private static final int ORACLE_CANCELLED = 1013;

    private static final String ORACLE_STATE = "72000";

    private CancelledStates() {}

    static boolean isCancelled(SQLException exception) {
        String state = exception.getSQLState();
        return state != null
                && (STATES.contains(state)
                        || state.equals(ORACLE_STATE) && exception.getErrorCode() == ORACLE_CANCELLED);
    }
}
