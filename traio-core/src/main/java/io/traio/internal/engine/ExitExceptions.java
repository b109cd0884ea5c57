// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeCancelledException;
import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.Task;
import io.traio.internal.Names;
import io.traio.internal.Nanos;
import io.traio.internal.engine.Failures.Failed;
import io.traio.spi.CancelReason;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Works out what the exit of a scope throws. */
final class ExitExceptions {

    private static final int MAX_NAMES = 32;

    private ExitExceptions() {}

    /** The exception to throw, with all later failures suppressed; null for a silent exit. */
    static @Nullable Throwable of(ScopeNode scope) {
        CancelCause cause = scope.cause;
        Failures failures = scope.failures;
        Throwable primary = primary(scope, cause, failures);
        if (failures != null) {
            for (Throwable lost : failures.suppressInto(primary, scope.label())) {
                scope.engine.observers.failureNotThrown(scope, lost);
            }
        }
        List<TaskNode<?>> stragglers = Stragglers.tasksOf(scope);
        return stragglers.isEmpty() ? primary : straggling(scope, primary, stragglers);
    }

    private static @Nullable Throwable primary(
            ScopeNode scope, @Nullable CancelCause cause, @Nullable Failures failures) {
        if (cause != null && cause.failure() != null) {
            if (cause.reason() == CancelReason.EXPLICIT) {
                return TaskFailures.throwableOfCancel(cause.failure(), scope.label());
            }
            Failed failed = new Failed(cause.failure(), cause.task());
            return throwable(failures != null ? failures.wrapperOf(failed) : failed, scope);
        }
        if (cause != null && cause.timeout() != null) {
            return timeout(scope, cause.timeout());
        }
        Failed first = failures != null ? failures.firstToThrow() : null;
        if (failures != null && first != null) {
            return throwable(failures.wrapperOf(first), scope);
        }
        if (cause == null) {
            return null;
        }
        if (scope.interruptMet) {
            return Waits.interruption("the body of " + scope.label(), null);
        }
        boolean silent = cause.reason() != CancelReason.PARENT && cause.reason() != CancelReason.SHUTDOWN;
        return silent && !scope.valueMissing ? null : cancelled(scope, cause.reason());
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
        CancelCause root = scope.rootCause();
        Throwable cause = root != null ? root.failure() : null;
        Failures kept = scope.failures;
        if (cause != null && kept != null && kept.holds(cause)) {
            // It hangs on one that is suppressed.
            cause = null;
        }
        return new ScopeCancelledException(scope.label() + " was cancelled" + by + scope.saidByCanceller(), cause);
    }

    private static String cancelledAbove(ScopeNode scope) {
        ScopeNode parent = scope.parent;
        if (parent != null && parent.isCancelled()) {
            return parent.label();
        }
        return scope.enclosing() instanceof TaskNode<?> task ? task.label() : "the code that it was opened in";
    }

    private static ScopeTimeoutException timeout(ScopeNode scope, CancelCause.Timeout timeout) {
        List<? extends Task<?>> unfinished = timeout.unfinished();
        String tasks = unfinished.isEmpty()
                ? ""
                : "; unfinished: "
                        + unfinished.stream()
                                .map(task -> quoted(task.name()) + (hasStarted(task) ? "" : " (never started)"))
                                .collect(Collectors.joining(", "));
        String origin = timeout.byDefault()
                ? ", the default timeout of its factory (in Spring the property traio.default-timeout)"
                : "";
        String opened = scope.opening != null ? "; it was opened " + scope.whereOpened() : "";
        return new ScopeTimeoutException(
                scope.label() + " timed out after " + Nanos.text(timeout.duration()) + origin + tasks + opened,
                scope.name(),
                timeout.duration(),
                unfinished.stream().map(Task::name).collect(Collectors.toList()));
    }

    private static boolean hasStarted(Task<?> task) {
        return !(task instanceof TaskNode<?> node) || node.hasStarted();
    }

    private static StragglerException straggling(
            ScopeNode scope, @Nullable Throwable primary, List<TaskNode<?>> stragglers) {
        List<String> names =
                stragglers.stream().limit(MAX_NAMES).map(Node::name).collect(Collectors.toList());
        String quoted = names.stream().map(ExitExceptions::quoted).collect(Collectors.joining(", "));
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
