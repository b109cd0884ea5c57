// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;

/** Observations of scopes and tasks. */
@ConfigurationProperties("traio.observation")
final class ScopeObservationProperties {

    /** Whether to observe scopes, which makes them spans where the application traces. */
    private boolean enabled = true;

    /** Whether to observe each task, too. */
    private boolean tasks;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public boolean isTasks() {
        return tasks;
    }

    public void setTasks(boolean tasks) {
        this.tasks = tasks;
    }
}
