// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Where code that uses scopes may stand. */
enum Place {
    OUTSIDE {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) throws Exception {
            piece.run();
        }
    },
    BODY {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) {
            scopes.run("outer", outer -> piece.run());
        }
    },
    RESOURCE {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) throws Exception {
            try (OpenScope outer = scopes.open("outer")) {
                piece.run();
                outer.join();
            }
        }
    },
    NESTED_BODY {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) {
            scopes.run("outer", outer -> scopes.run("nested", nested -> piece.run()));
        }
    },
    TASK {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) {
            scopes.run("outer", outer -> outer.spawn("task", callable(piece)));
        }
    },
    BACKGROUND_TASK {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) {
            scopes.run(
                    "outer",
                    outer -> outer.spawn("task", callable(piece), t -> t.withAwaited(false))
                            .join());
        }
    },
    TASK_OF_SHARED_SCOPE {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) {
            OpenScope shared = scopes.openShared("shared");
            shared.spawn("task", callable(piece));
            shared.join();
        }
    },
    TASK_UNDER_MAX_CONCURRENCY {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) {
            scopes.run("outer", s -> s.withMaxConcurrency(1), outer -> outer.spawn("task", callable(piece)));
        }
    },
    BODY_IN_TASK {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) {
            scopes.run("outer", outer -> outer.spawn("task", () -> scopes.run("nested", nested -> piece.run())));
        }
    },
    TASK_IN_TASK {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) {
            scopes.run(
                    "outer",
                    outer -> outer.spawn(
                            "task", () -> scopes.run("nested", nested -> nested.spawn("inner", callable(piece)))));
        }
    },
    CALLBACK_OF_TASK {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) throws Exception {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            scopes.run("outer", outer -> {
                CountDownLatch mayEnd = new CountDownLatch(1);
                outer.spawn("task", () -> Briefly.await(mayEnd)).onDone(task -> thrown.set(catchThrowable(piece::run)));
                mayEnd.countDown();
            });
            rethrow(thrown.get());
        }
    },
    CALLBACK_OF_ENDED_TASK {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) throws Exception {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            scopes.run("outer", outer -> {
                Task<?> task = outer.spawn("task", () -> 1);
                task.join();
                task.onDone(ended -> thrown.set(catchThrowable(piece::run)));
            });
            rethrow(thrown.get());
        }
    },
    CALLBACK_OF_SCOPE {
        @Override
        void run(ScopeFactory scopes, Harness.Piece piece) throws Exception {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            CountDownLatch called = new CountDownLatch(1);
            OpenScope shared = scopes.openShared("shared");
            shared.onDone(ended -> {
                thrown.set(catchThrowable(piece::run));
                called.countDown();
            });
            shared.spawn("task", () -> 1);
            shared.join();
            Blocking.await(called);
            rethrow(thrown.get());
        }
    };

    /** Runs the piece there, and throws what it threw. */
    abstract void run(ScopeFactory scopes, Harness.Piece piece) throws Exception;

    private static Callable<@Nullable Void> callable(Harness.Piece piece) {
        return () -> {
            piece.run();
            return null;
        };
    }

    private static void rethrow(@Nullable Throwable thrown) throws Exception {
        if (thrown instanceof Exception e) {
            throw e;
        }
        if (thrown != null) {
            throw new AssertionError(thrown);
        }
    }
}
