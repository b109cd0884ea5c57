// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which threads run tasks.
 *
 * @param executor Name of the bean, any Executor, that runs the tasks of scopes.
 * @param taskExecutor Of the bean traioTaskExecutor.
 */
@ConfigurationProperties("traio")
record TaskExecutorProperties(
        @DefaultValue(TaskExecutorProperties.DEFAULT_EXECUTOR)
        String executor,

        @DefaultValue TaskExecutor taskExecutor) {

    static final String DEFAULT_EXECUTOR = "traioTaskExecutor";

    /**
     * Of the bean traioTaskExecutor.
     *
     * @param enabled Whether to define the bean traioTaskExecutor. Without it, and without another executor, tasks run on
     *     threads that traio makes itself.
     */
    record TaskExecutor(@DefaultValue("true") boolean enabled) {}
}
