// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Name;

/** Of the bean scopeTaskExecutor. */
@ConfigurationProperties("traio.async")
final class AsyncProperties {

    /** Whether to define the bean scopeTaskExecutor, which spawns into the current scope. */
    private boolean enabled = true;

    /** Whether unqualified @Async methods run on scopeTaskExecutor, unless there is an AsyncConfigurer. */
    @Name("default")
    private boolean forAll;

    /** What scopeTaskExecutor does where no scope is current. */
    private Outside outside = Outside.REFUSE;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public boolean isForAll() {
        return forAll;
    }

    public void setForAll(boolean forAll) {
        this.forAll = forAll;
    }

    public Outside getOutside() {
        return outside;
    }

    public void setOutside(Outside outside) {
        this.outside = outside;
    }

    /** What the executor does where no scope is current. */
    enum Outside {

        /** Throws a TaskRejectedException. */
        REFUSE,

        /** Runs the task on the executor of the scopes, in no scope. */
        FALLBACK
    }
}
