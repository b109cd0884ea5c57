// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.traio.FactoryOptions;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Spring's executor with a thread for each task, whose virtual threads are those of traio: they know their task. All that
 * can be said to Spring's holds here, too: other threads, another prefix, a thread factory. Not final: an aspect may be
 * around it.
 */
class TaskThreadExecutor extends SimpleAsyncTaskExecutor {

    private static final long serialVersionUID = 1L;

    private boolean virtual;

    /** Remembered only: Spring's own virtual threads would come before any thread factory. */
    @Override
    public void setVirtualThreads(boolean virtual) {
        this.virtual = virtual;
    }

    /** All has been said. */
    TaskThreadExecutor configured() {
        if (virtual && getThreadFactory() == null) {
            setThreadFactory(FactoryOptions.virtualThreads(getThreadNamePrefix()));
        }
        return this;
    }
}
