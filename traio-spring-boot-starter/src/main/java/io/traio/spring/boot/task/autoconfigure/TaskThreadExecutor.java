// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task.autoconfigure;

import io.traio.FactoryOptions;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Spring's executor with a thread for each task, whose virtual threads are those of traio: they know their task. Spring's
 * settings hold here too: other threads, another prefix, a thread factory. Not final, so that Spring can proxy it.
 */
class TaskThreadExecutor extends SimpleAsyncTaskExecutor {

    private static final long serialVersionUID = 1L;

    private boolean virtual;

    /** Only stores the flag: Spring's own virtual threads would take precedence over a thread factory. */
    @Override
    public void setVirtualThreads(boolean virtual) {
        this.virtual = virtual;
    }

    /** Applies the settings; called once they are complete. */
    TaskThreadExecutor configured() {
        if (virtual && getThreadFactory() == null) {
            setThreadFactory(FactoryOptions.virtualThreads(getThreadNamePrefix()));
        }
        return this;
    }
}
