// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import io.traio.ScopePolicy;
import io.traio.Task;
import org.jspecify.annotations.Nullable;

/** The standard policies that have no parameters. */
public enum Policies implements ScopePolicy {
    /** The default: the first failure cancels the scope. The engine does not ask it. */
    ALL_SUCCESSFUL {
        @Override
        public Verdict taskEnded(Task<?> task, @Nullable Throwable failure) {
            return Verdict.FAIL;
        }
    },
    /** The first success ends the scope. */
    ANY_SUCCESSFUL {
        @Override
        public Verdict taskEnded(Task<?> task, @Nullable Throwable failure) {
            if (failure != null) {
                return failure instanceof Error ? Verdict.FAIL : Verdict.DEFER;
            }
            return task.status() == Task.Status.SUCCEEDED ? Verdict.END : Verdict.CONTINUE;
        }
    },
    /** Nothing but the last task ends the scope. */
    AWAIT_ALL {
        @Override
        public Verdict taskEnded(Task<?> task, @Nullable Throwable failure) {
            return Verdict.CONTINUE;
        }
    }
}
