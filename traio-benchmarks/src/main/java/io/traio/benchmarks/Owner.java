// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** The kind of thread that opens scopes. Tasks run on virtual threads whenever the JDK has them. */
enum Owner {
    VIRTUAL {
        @Override
        <T> T call(Callable<T> work) throws Exception {
            if (!Threads.VIRTUAL) {
                throw new IllegalStateException("This JDK has no virtual threads: use --owner=platform");
            }
            FutureTask<T> task = new FutureTask<>(work);
            Threads.start(task);
            return task.get();
        }
    },
    PLATFORM {
        @Override
        <T> T call(Callable<T> work) throws Exception {
            FutureTask<T> task = new FutureTask<>(work);
            new Thread(null, task, "owner", 0, /* inheritThreadLocals= */ false).start();
            return task.get();
        }
    };

    static Owner usual() {
        return Threads.VIRTUAL ? VIRTUAL : PLATFORM;
    }

    /** Runs the action on a new thread of this kind and waits for it. */
    abstract <T> T call(Callable<T> work) throws Exception;
}
