// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Kinds of code that is cancelled while a thread is in it. */
enum CancelledCode {
    BODY {
        @Override
        void run(ScopeFactory scopes, Code code) {
            scopes.run("outer", outer -> code.run(outer::cancel));
        }
    },
    /** The body of a child of the scope that is cancelled. */
    BODY_BELOW {
        @Override
        void run(ScopeFactory scopes, Code code) {
            scopes.run("outer", outer -> scopes.run("middle", middle -> code.run(outer::cancel)));
        }
    },
    TASK {
        @Override
        void run(ScopeFactory scopes, Code code) {
            scopes.run("outer", outer -> {
                AtomicReference<@Nullable Task<?>> self = new AtomicReference<>();
                self.set(outer.spawn("outer task", () -> {
                    Blocking.spinUntil("the task is known", () -> self.get() != null);
                    code.run(() -> self.get().cancel());
                    return null;
                }));
            });
        }
    },
    /** A task that is cancelled with its scope. */
    TASK_OF_SCOPE {
        @Override
        void run(ScopeFactory scopes, Code code) {
            scopes.run(
                    "outer",
                    outer -> outer.spawn("outer task", () -> {
                        code.run(outer::cancel);
                        return null;
                    }));
        }
    };

    /** Code that may be cancelled. */
    @FunctionalInterface
    interface Code {
        /**
         * Runs.
         *
         * @param cancel cancels this code, called by whatever thread
         */
        void run(Runnable cancel) throws Exception;
    }

    private static final long MOMENT_MILLIS = 2_000;

    abstract void run(ScopeFactory scopes, Code code);

    /** Whether this thread is interrupted, by now or in a moment. Clears the flag. */
    static boolean isInterrupted() {
        try {
            Thread.sleep(MOMENT_MILLIS);
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }
}
