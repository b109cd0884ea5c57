// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Meters of scopes and tasks.
 *
 * @param enabled Whether to count and time scopes and tasks.
 * @param maxNames How many different scope names become tags of meters. The rest counts as "other".
 */
@ConfigurationProperties("traio.metrics")
record ScopeMetricsProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("100") int maxNames) {

    /** Checked here and not while binding, since then the failure names the property and the place where it was set. */
    int checkedMaxNames() {
        if (maxNames < 0) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.metrics.max-names", maxNames, "It must not be negative.");
        }
        return maxNames;
    }
}
