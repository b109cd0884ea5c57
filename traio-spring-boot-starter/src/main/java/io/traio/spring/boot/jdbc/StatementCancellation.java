// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import io.traio.Scope;
import io.traio.ScopeTimeoutException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.ttddyy.dsproxy.listener.MethodExecutionContext;
import net.ttddyy.dsproxy.listener.MethodExecutionListener;
import org.jspecify.annotations.Nullable;

/** Called around the methods of connections, statements and streamed result sets: guards those that talk to the database. */
final class StatementCancellation implements MethodExecutionListener {

    private static final String KEY = StatementCancellation.class.getName();

    /** Methods of connections that an interrupt would break, and which are called on the way out of cancelled code. */
    private static final Set<String> CLEANUP = Set.of(
            "commit",
            "rollback",
            "close",
            "setAutoCommit",
            "setReadOnly",
            "setTransactionIsolation",
            "setSavepoint",
            "releaseSavepoint");

    private final Duration minRemaining;
    private final Duration interruptAfter;

    StatementCancellation(Duration minRemaining, Duration interruptAfter) {
        this.minRemaining = minRemaining;
        this.interruptAfter = interruptAfter;
    }

    @Override
    public void beforeMethod(MethodExecutionContext context) {
        GuardedCall call = guard(context.getTarget(), context.getMethod().getName());
        if (call != null) {
            context.addCustomValue(KEY, call);
        }
    }

    @Override
    public void afterMethod(MethodExecutionContext context) {
        GuardedCall call = context.getCustomValue(KEY, GuardedCall.class);
        if (call != null) {
            call.end(context.getThrown());
        }
    }

    private @Nullable GuardedCall guard(Object target, String method) {
        if (target instanceof Statement statement) {
            return method.startsWith("execute") ? statement(statement, /* executes= */ true) : null;
        }
        if (target instanceof ResultSet rows) {
            Statement statement = method.equals("next") ? statementOf(rows) : null;
            return statement != null ? statement(statement, /* executes= */ false) : null;
        }
        return target instanceof Connection && CLEANUP.contains(method)
                ? GuardedCall.withoutStatement(interruptAfter)
                : null;
    }

    private static @Nullable Statement statementOf(ResultSet rows) {
        try {
            return rows.getStatement();
        } catch (SQLException e) {
            // It is closed, which the call itself says better.
            return null;
        }
    }

    /**
     * Not begun in cancelled code, nor if it would be cancelled at once; null outside of scopes.
     *
     * @param executes whether the statement is executed; otherwise its rows are read
     */
    private @Nullable GuardedCall statement(Statement statement, boolean executes) {
        Optional<Scope> scope = Scope.current();
        if (scope.isEmpty()) {
            return null;
        }
        Scope.checkCancelled();
        Duration left = scope.get().remaining().orElse(null);
        if (left != null && left.compareTo(minRemaining) < 0) {
            throw tooLate(scope.get(), left);
        }
        if (executes) {
            PostgresTransactions.begin(statement, interruptAfter);
        }
        return GuardedCall.of(statement, executes ? left : null, interruptAfter);
    }

    private ScopeTimeoutException tooLate(Scope scope, Duration left) {
        return new ScopeTimeoutException(
                "No statement is begun in scope '" + scope.displayName() + "': " + left.toMillis()
                        + " ms remain until its deadline, less than traio.jdbc.min-remaining, "
                        + minRemaining.toMillis() + " ms",
                scope.name(),
                left,
                List.of());
    }
}
