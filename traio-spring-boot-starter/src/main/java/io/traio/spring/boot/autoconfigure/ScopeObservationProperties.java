// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Observations of scopes and tasks. */
@ConfigurationProperties("traio.observation")
final class ScopeObservationProperties {

    /**
     * Whether to observe scopes, which makes them spans where the application traces. By default where there is an
     * ObservationHandler bean that makes something else than meters, a customizer of the registry, or a registry of the
     * application's own.
     */
    private @Nullable Boolean enabled;

    /** Whether to observe each task, too. */
    private boolean tasks;

    public @Nullable Boolean getEnabled() {
        return enabled;
    }

    public void setEnabled(@Nullable Boolean enabled) {
        this.enabled = enabled;
    }

    public boolean isTasks() {
        return tasks;
    }

    public void setTasks(boolean tasks) {
        this.tasks = tasks;
    }
}
