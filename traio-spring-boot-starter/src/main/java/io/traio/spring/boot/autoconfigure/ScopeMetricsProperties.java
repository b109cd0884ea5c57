// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** Meters of scopes and tasks. */
@ConfigurationProperties("traio.metrics")
final class ScopeMetricsProperties {

    /** Whether to count and time scopes and tasks. */
    private boolean enabled = true;

    /** How many different scope names become tags of meters. The rest counts as "other". */
    private int maxNames = 100;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public int getMaxNames() {
        return maxNames;
    }

    public void setMaxNames(int maxNames) {
        this.maxNames = maxNames;
    }

    /** Checked here and not while binding, since then the failure names the property and the place where it was set. */
    int checkedMaxNames() {
        if (maxNames < 0) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.metrics.max-names", maxNames, "It must not be negative.");
        }
        return maxNames;
    }
}
