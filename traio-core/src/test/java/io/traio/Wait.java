// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The ways of waiting for a task, or for the scope that it is in. */
enum Wait {
    JOIN {
        @Override
        Object on(Task<?> task) {
            return task.join();
        }
    },
    GET {
        @Override
        Object on(Task<?> task) throws ExecutionException, InterruptedException {
            return task.get();
        }
    },
    TIMED_GET {
        @Override
        Object on(Task<?> task) throws ExecutionException, InterruptedException, TimeoutException {
            return task.get(Briefly.LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    },
    AWAIT_DONE {
        @Override
        Object on(Task<?> task) {
            task.scope().awaitDone();
            return true;
        }
    },
    TIMED_AWAIT_DONE {
        @Override
        Object on(Task<?> task) {
            return task.scope().awaitDone(Duration.ofSeconds(Briefly.LIMIT.toSeconds()));
        }
    };

    /** Waits. */
    abstract Object on(Task<?> task) throws Exception;

    boolean isForTask() {
        return this == JOIN || this == GET || this == TIMED_GET;
    }
}
