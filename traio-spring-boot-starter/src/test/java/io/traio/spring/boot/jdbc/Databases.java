// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import io.traio.FactoryOptions;
import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** A pool of one connection whose statements end with their scope, and scopes on either kind of threads. */
final class Databases {

    /** What runs the tasks. */
    enum Threads {
        PLATFORM,
        VIRTUAL;

        ScopeFactory scopes() {
            return scopes(f -> f);
        }

        ScopeFactory scopes(UnaryOperator<FactoryOptions> options) {
            assumeTrue(this == PLATFORM || Runtime.version().feature() >= 21, "virtual threads");
            ThreadFactory threads = this == PLATFORM ? Thread::new : FactoryOptions.virtualThreads("task-");
            return ScopeFactory.create(f -> options.apply(f.withThreadFactory(threads)));
        }
    }

    private Databases() {}

    static HikariDataSource pool(String url, int size) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setMaximumPoolSize(size);
        pool.setConnectionTimeout(20_000);
        return pool;
    }

    static DataSource cancelling(DataSource dataSource) {
        return cancelling(dataSource, Duration.ofSeconds(10));
    }

    /** An interrupt that comes so late shows that it is not needed. */
    static DataSource cancelling(DataSource dataSource, Duration interruptAfter) {
        return (DataSource) new StatementCancellationPostProcessor(Duration.ofMillis(1), interruptAfter, List.of())
                .postProcessAfterInitialization(dataSource, "dataSource");
    }

    static JdbcTemplate jdbc(DataSource pool) {
        return new JdbcTemplate(cancelling(pool));
    }
}
