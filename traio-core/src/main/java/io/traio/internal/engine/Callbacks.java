// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Action;
import org.jspecify.annotations.Nullable;

/** Runs callbacks of the application. What one throws is logged, and what it leaves open is closed. */
final class Callbacks {

    private Callbacks() {}

    /** Runs a callback of a task that ends here. The scope waits for it, so it is inside, on whatever thread this is. */
    static void ofTask(TaskNode<?> task, Runnable callback) {
        BoundFrame binding = BoundFrame.atEndOf(task);
        run(task.scope, () -> closing(binding, binding.label(), callback::run));
        binding.close();
    }

    /** Runs something of the engine's that calls listeners, inside the scope of a task that ends here. */
    static void inside(TaskNode<?> task, Runnable report) {
        BoundFrame binding = BoundFrame.atEndOf(task);
        try {
            report.run();
        } finally {
            binding.close();
        }
    }

    /** Runs a callback of a scope that has ended, on whatever thread this is: leaves that as it was. */
    static void ofScope(ScopeNode scope, Runnable callback) {
        Frame before = CurrentFrame.get();
        run(scope, () -> closing(before, "a callback of " + scope.label(), callback::run));
    }

    /** Runs a hook for a cancellation, in no scope; throws what it throws. */
    static void ofHook(Action hook) throws Exception {
        closing(null, "a hook for a cancellation", hook);
    }

    /** Runs a callback in whatever frame this thread is in. */
    static void run(ScopeNode scope, Runnable callback) {
        try {
            callback.run();
        } catch (Throwable e) {
            scope.engine.observers.callbackFailed(scope, e);
            if (scope.engine.isSignal(e)) {
                InterruptAccount.signalSwallowed(CurrentFrame.get());
            }
        }
    }

    private static void closing(@Nullable Frame before, String label, Action callback) {
        Throwable failure = null;
        try {
            callback.run();
        } catch (Throwable e) {
            failure = e;
        }
        if (CurrentFrame.get() != before) {
            failure = ScopeExit.closeLeftOpen(before, label, failure);
        }
        if (failure != null) {
            throw TaskFailures.<RuntimeException>sneaky(failure);
        }
    }
}
