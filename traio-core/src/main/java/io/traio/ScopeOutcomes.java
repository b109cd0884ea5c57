// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.CancelReason;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Works out what the exit of a scope raises. */
final class ScopeOutcomes {

    private static final int MAX_NAMES = 32;

    private ScopeOutcomes() {}

    /** The exception to raise, with all later failures suppressed; null for a silent exit. */
    static @Nullable Throwable of(ScopeNode scope) {
        EndCause end = scope.end();
        Failures failures = scope.failuresIfAny();
        Throwable primary = end != null ? primary(scope, end, failures) : null;
        if (failures != null) {
            failures.suppressInto(primary, scope);
        }
        List<TaskNode<?>> stragglers = Stragglers.of(scope);
        return stragglers.isEmpty() ? primary : straggling(scope, primary, stragglers);
    }

    private static @Nullable Throwable primary(ScopeNode scope, EndCause end, @Nullable Failures failures) {
        if (end.failure() != null) {
            return end.reason() == CancelReason.EXPLICIT
                    ? TaskFailures.raisableOfCancel(end.failure(), scope)
                    : raisable(end.failure(), end.source(), scope);
        }
        if (end.deadline() != null) {
            return timeout(scope, end, end.deadline());
        }
        Failures.Failed real = failures != null ? failures.firstToRaise() : null;
        if (real != null) {
            return raisable(real.failure(), real.source(), scope);
        }
        boolean silent = end.reason() != CancelReason.PARENT && end.reason() != CancelReason.SHUTDOWN;
        return silent && !scope.isValueMissing() ? null : cancelled(scope, end.reason());
    }

    private static Throwable raisable(Throwable failure, @Nullable TaskNode<?> source, ScopeNode scope) {
        return source != null ? TaskFailures.raisable(failure, source) : TaskFailures.raisableOfBody(failure, scope);
    }

    /** The exception for a scope that was cancelled without a failure. */
    private static ScopeCancelledException cancelled(ScopeNode scope, CancelReason reason) {
        String by = "";
        if (reason == CancelReason.PARENT) {
            by = " together with " + cancelledAbove(scope);
        } else if (reason == CancelReason.SHUTDOWN) {
            by = " because its factory was closed";
        } else if (reason == CancelReason.MASTER) {
            by = " because its master task ended";
        }
        return new ScopeCancelledException(scope.label() + " was cancelled" + by, null);
    }

    private static String cancelledAbove(ScopeNode scope) {
        ScopeNode parent = scope.parent;
        if (parent != null && parent.isCancelled()) {
            return parent.label();
        }
        return scope.enclosing() instanceof TaskNode<?> task ? task.label() : "what it was opened in";
    }

    private static ScopeTimeoutException timeout(ScopeNode scope, EndCause end, Deadline deadline) {
        List<String> unfinished = end.unfinished();
        String tasks = unfinished.isEmpty() ? "" : "; unfinished: " + printable(unfinished);
        return new ScopeTimeoutException(
                scope.label() + " timed out after " + deadline.timeout() + tasks,
                scope.name(),
                deadline.timeout(),
                unfinished);
    }

    private static StragglerException straggling(
            ScopeNode scope, @Nullable Throwable primary, List<TaskNode<?>> stragglers) {
        List<String> names =
                stragglers.stream().limit(MAX_NAMES).map(Node::name).collect(Collectors.toList());
        StragglerException exception = new StragglerException(
                scope.label() + " ended, but cancelled tasks did not end in time and run on: " + printable(names)
                        + (stragglers.size() > MAX_NAMES ? " and " + (stragglers.size() - MAX_NAMES) + " more" : ""),
                primary,
                names);
        stragglers.stream().limit(MAX_NAMES).map(StackOf::task).forEach(exception::addSuppressed);
        return exception;
    }

    private static String printable(List<String> names) {
        return names.stream().map(n -> "'" + Names.printable(n) + "'").collect(Collectors.joining(", "));
    }
}
