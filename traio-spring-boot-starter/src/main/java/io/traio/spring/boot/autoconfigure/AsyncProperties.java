// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * Of the bean scopeTaskExecutor.
 *
 * @param enabled Whether to define the bean scopeTaskExecutor, which spawns into the current scope.
 * @param forAll Whether unqualified @Async methods run on scopeTaskExecutor, unless there is an AsyncConfigurer.
 * @param outside What scopeTaskExecutor does where no scope is current.
 */
@ConfigurationProperties("traio.async")
record AsyncProperties(
        @DefaultValue("true") boolean enabled,
        @Name("default") @DefaultValue("false") boolean forAll,
        @DefaultValue("refuse") Outside outside) {

    /** What the executor does where no scope is current. */
    enum Outside {

        /** Throws a TaskRejectedException. */
        REFUSE,

        /** Runs the task on the executor of the scopes, in no scope. */
        FALLBACK
    }
}
