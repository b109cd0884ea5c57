// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;

/** Which threads run tasks. */
@ConfigurationProperties("traio")
final class TaskExecutorProperties {

    static final String DEFAULT_EXECUTOR = "traioTaskExecutor";

    /** Name of the bean, any Executor, that runs the tasks of scopes. */
    private String executor = DEFAULT_EXECUTOR;

    private final TaskExecutor taskExecutor = new TaskExecutor();

    public String getExecutor() {
        return executor;
    }

    public void setExecutor(String executor) {
        this.executor = executor;
    }

    public TaskExecutor getTaskExecutor() {
        return taskExecutor;
    }

    /** Of the bean traioTaskExecutor. */
    static final class TaskExecutor {

        /**
         * Whether to define the bean traioTaskExecutor. Without it, and without another executor, tasks run on threads that
         * traio makes itself.
         */
        private boolean enabled = true;

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }
    }
}
