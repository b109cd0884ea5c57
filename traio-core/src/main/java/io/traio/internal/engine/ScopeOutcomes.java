// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.internal.Names;
import io.traio.internal.Nanos;
import io.traio.internal.engine.Failures.Failed;
import io.traio.spi.CancelReason;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Works out what the exit of a scope throws. */
final class ScopeOutcomes {

    private static final int MAX_NAMES = 32;

    private ScopeOutcomes() {}

    /** The exception to throw, with all later failures suppressed; null for a silent exit. */
    static @Nullable Throwable of(ScopeNode scope) {
        EndCause end = scope.end();
        Failures failures = scope.failuresIfAny();
        Throwable primary = primary(scope, end, failures);
        if (failures != null) {
            for (Throwable lost : failures.suppressInto(primary, scope.label())) {
                scope.engine.observers.failureNotThrown(scope, lost);
            }
        }
        List<TaskNode<?>> stragglers = Stragglers.of(scope);
        return stragglers.isEmpty() ? primary : straggling(scope, primary, stragglers);
    }

    private static @Nullable Throwable primary(ScopeNode scope, @Nullable EndCause end, @Nullable Failures failures) {
        if (end != null && end.failure() != null) {
            if (end.reason() == CancelReason.EXPLICIT) {
                return TaskFailures.throwableOfCancel(end.failure(), scope.label());
            }
            Failed failed = new Failed(end.failure(), end.task());
            return throwable(failures != null ? failures.wrapperOf(failed) : failed, scope);
        }
        if (end != null && end.deadline() != null) {
            return timeout(scope, end, end.deadline());
        }
        Failed first = failures != null ? failures.firstToThrow() : null;
        if (first != null) {
            return throwable(first, scope);
        }
        if (end == null) {
            return null;
        }
        if (scope.isInterruptMet()) {
            return Waits.interruption("the body of " + scope.label(), null);
        }
        boolean silent = end.reason() != CancelReason.PARENT && end.reason() != CancelReason.SHUTDOWN;
        return silent && !scope.isValueMissing() ? null : cancelled(scope, end.reason());
    }

    private static Throwable throwable(Failed failed, ScopeNode scope) {
        String task = failed.task();
        return task != null
                ? TaskFailures.throwable(failed.failure(), task)
                : TaskFailures.throwableOfBody(failed.failure(), scope.label());
    }

    /** The exception for a scope that was cancelled without a failure of its own. */
    static ScopeCancelledException cancelled(ScopeNode scope, CancelReason reason) {
        String by = "";
        if (reason == CancelReason.PARENT) {
            by = " together with " + cancelledAbove(scope);
        } else if (reason == CancelReason.SHUTDOWN) {
            by = " because its factory was closed";
        } else if (reason == CancelReason.MASTER) {
            by = " because its master task ended";
        } else if (reason == CancelReason.POLICY) {
            by = " because its policy ended it";
        }
        EndCause root = scope.rootCause();
        return new ScopeCancelledException(
                scope.label() + " was cancelled" + by + scope.saidByCanceller(), root != null ? root.failure() : null);
    }

    private static String cancelledAbove(ScopeNode scope) {
        ScopeNode parent = scope.parent;
        if (parent != null && parent.isCancelled()) {
            return parent.label();
        }
        return scope.enclosing() instanceof TaskNode<?> task ? task.label() : "the code that it was opened in";
    }

    private static ScopeTimeoutException timeout(ScopeNode scope, EndCause end, Deadline deadline) {
        List<TaskNode<?>> unfinished = end.unfinished();
        String tasks = unfinished.isEmpty()
                ? ""
                : "; unfinished: "
                        + unfinished.stream()
                                .map(task -> quoted(task.name()) + (task.hasStarted() ? "" : " (never started)"))
                                .collect(Collectors.joining(", "));
        String origin = deadline.isByDefault()
                ? ", the default timeout of its factory (in Spring the property traio.default-timeout)"
                : "";
        String opened = scope.opening != null ? "; it was opened " + scope.whereOpened() : "";
        return new ScopeTimeoutException(
                scope.label() + " timed out after " + Nanos.text(deadline.timeout()) + origin + tasks + opened,
                scope.name(),
                deadline.timeout(),
                unfinished.stream().map(Node::name).collect(Collectors.toList()));
    }

    private static StragglerException straggling(
            ScopeNode scope, @Nullable Throwable primary, List<TaskNode<?>> stragglers) {
        List<String> names =
                stragglers.stream().limit(MAX_NAMES).map(Node::name).collect(Collectors.toList());
        String quoted = names.stream().map(ScopeOutcomes::quoted).collect(Collectors.joining(", "));
        int more = stragglers.size() - MAX_NAMES;
        StragglerException exception = new StragglerException(
                scope.label() + " ended, but cancelled tasks did not end within their grace period and run on: "
                        + quoted + (more > 0 ? " and " + more + " more" : ""),
                primary,
                names);
        stragglers.stream()
                .limit(MAX_NAMES)
                .map(task -> StackOf.thread(task.thread(), task.labelWithScope()))
                .forEach(exception::addSuppressed);
        return exception;
    }

    private static String quoted(String name) {
        return "'" + Names.printable(name) + "'";
    }
}
