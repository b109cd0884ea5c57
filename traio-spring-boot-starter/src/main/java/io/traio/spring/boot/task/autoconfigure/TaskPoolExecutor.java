// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task.autoconfigure;

import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * Spring's pool, without its part in the life cycle of the context: scopes decide when their tasks end. Spring's own would
 * hold up a context that is paused or stopped until all tasks have ended. Not final, so that Spring can proxy it.
 */
class TaskPoolExecutor extends ThreadPoolTaskExecutor {

    private static final long serialVersionUID = 1L;

    TaskPoolExecutor() {}

    @Override
    public boolean isPauseable() {
        return false;
    }

    @Override
    public void stop() {
        // Tasks run on.
    }

    @Override
    public void stop(Runnable callback) {
        callback.run();
    }
}
