// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/reference/interrupts.md says of H2 with a database in a file: an interrupt closes it for all its users. */
@Timeout(60)
class FileDatabaseInterruptTest {

    @TempDir
    private Path directory;

    private Connection connect(String prefix) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:h2:" + prefix + directory.resolve("data") + ";DB_CLOSE_ON_EXIT=false;CACHE_SIZE=16");
    }

    /** Writes in a task that is cancelled, and returns whether another connection can write afterwards. */
    private boolean isWritableAfterCancel(String prefix, boolean interrupt) throws SQLException {
        try (ScopeFactory scopes = ScopeFactory.create();
                Connection connection = connect(prefix);
                Connection own = connect(prefix)) {
            write(connection, "create table data (text varchar)");
            write(connection, "insert into data select space(2000) || x from system_range(1, 20000)");
            write(connection, "checkpoint sync");
            scopes.run("write", s -> s.withCancelTimeout(ScopeOptions.FOREVER), scope -> {
                CountDownLatch started = new CountDownLatch(1);
                CountDownLatch cancelled = new CountDownLatch(1);
                scope.spawn(
                        "insert",
                        () -> {
                            started.countDown();
                            awaitWithoutInterrupt(cancelled);
                            try {
                                write(own, "insert into data values ('task')");
                                // More than the cache holds: it is read from the file.
                                write(own, "select sum(length(text)) from data");
                            } catch (SQLException e) {
                                // What the interrupt did to this task is not what is tested.
                            }
                        },
                        t -> t.withInterruptOnCancel(interrupt));
                started.await();
                scope.cancel();
                cancelled.countDown();
            });
            write(connection, "insert into data values ('owner')");
            write(connection, "checkpoint sync");
            return true;
        } catch (SQLException e) {
            assertThat((Throwable) e).hasStackTraceContaining("ClosedChannelException");
            return false;
        }
    }

    private static void awaitWithoutInterrupt(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    private static void write(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void interruptedTask_closesTheDatabaseForAll() throws SQLException {
        assertThat(isWritableAfterCancel("", true)).isFalse();
    }

    @Test
    void interruptOnCancelFalse_leavesTheDatabaseOpen() throws SQLException {
        assertThat(isWritableAfterCancel("", false)).isTrue();
    }

    @Test
    void asyncFile_isNotClosedByTheInterrupt() throws SQLException {
        assertThat(isWritableAfterCancel("async:", true)).isTrue();
    }
}
