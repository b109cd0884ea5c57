// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions;
import io.traio.spring.boot.jdbc.StatementCancellationPostProcessor;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.listener.MethodExecutionListener;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;

/**
 * What it costs to have JDBC statements cancelled with their scope: microseconds for a statement of a database in memory,
 * which takes its connection from a pool and gives it back, in pairs with the same statement on the pool alone.
 */
final class Statements {

    private static final int STATEMENTS_PER_LOOK = 50;

    private final Options options;
    private final Owner owner;
    private final ScopeFactory scopes = ScopeFactory.create();

    private Statements(Options options, Owner owner) {
        this.options = options;
        this.owner = owner;
    }

    static Markdown table(Options options, Owner owner) throws Exception {
        Markdown table = new Markdown(List.of(
                "select 1, µs for a statement", "pool alone", "added by datasource-proxy alone", "added with traio"));
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl("jdbc:h2:mem:statements");
            pool.setMaximumPoolSize(1);
            Statements statements = new Statements(options, owner);
            table.row(statements.row("in a scope", s -> s, pool));
            table.row(statements.row(
                    "in a scope with a timeout of an hour", s -> s.withTimeout(Duration.ofHours(1)), pool));
        }
        return table;
    }

    private List<String> row(String label, UnaryOperator<ScopeOptions> scope, DataSource pool) throws Exception {
        System.err.println("  " + label);
        DataSource[] sources = {pool, proxied(pool), cancelling(pool)};
        List<List<Double>> micros = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int round = -options.warmup(); round < options.rounds(); round++) {
            double[] measured = new double[sources.length];
            for (int turn = 0; turn < sources.length; turn++) {
                int source = Math.floorMod(round + turn, sources.length);
                measured[source] = owner.call(() -> scopes.call("statements", scope, s -> micros(sources[source])));
            }
            if (round >= 0) {
                micros.get(0).add(measured[0]);
                micros.get(1).add(measured[1] - measured[0]);
                micros.get(2).add(measured[2] - measured[0]);
            }
        }
        List<String> cells = new ArrayList<>(List.of(label));
        micros.forEach(values -> cells.add(Statistics.of(values).toString(2)));
        return cells;
    }

    private static DataSource proxied(DataSource pool) {
        return ProxyDataSourceBuilder.create("pool", pool)
                .methodListener(MethodExecutionListener.DEFAULT)
                .build();
    }

    private static DataSource cancelling(DataSource pool) {
        return (DataSource)
                new StatementCancellationPostProcessor(Duration.ofMillis(10), Duration.ofSeconds(1), List.of())
                        .postProcessAfterInitialization(pool, "pool");
    }

    private double micros(DataSource source) throws SQLException {
        long start = System.nanoTime();
        long statements = 0;
        long elapsed;
        do {
            for (int i = 0; i < STATEMENTS_PER_LOOK; i++) {
                selectOne(source);
            }
            statements += STATEMENTS_PER_LOOK;
            elapsed = System.nanoTime() - start;
        } while (elapsed < options.sliceNanos());
        return elapsed / 1e3 / statements;
    }

    private static void selectOne(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement("select 1");
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new IllegalStateException("No row");
            }
        }
    }
}
