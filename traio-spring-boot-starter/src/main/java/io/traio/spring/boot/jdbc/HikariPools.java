// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pools of HikariCP keep the connection of a statement that was cancelled. They would evict it where that is a timeout. */
final class HikariPools {

    private static final Logger LOGGER = LoggerFactory.getLogger(HikariPools.class);

    private HikariPools() {}

    static void keepCancelled(DataSource dataSource, String beanName) {
        if (!(dataSource instanceof HikariDataSource pool)) {
            return;
        }
        if (pool.getExceptionOverride() != null || pool.getExceptionOverrideClassName() != null) {
            LOGGER.debug("The pool {} has an override for exceptions of its own", beanName);
            return;
        }
        try {
            pool.setExceptionOverride(new KeepCancelled());
        } catch (IllegalStateException sealed) {
            LOGGER.debug("The pool {} runs already: a cancelled statement may cost a connection", beanName, sealed);
        }
    }

    private static final class KeepCancelled implements SQLExceptionOverride {

        @java.lang.Override
        public Override adjudicate(SQLException exception) {
            return CancelledStates.isCancelled(exception) ? Override.DO_NOT_EVICT : Override.CONTINUE_EVICT;
        }
    }
}
