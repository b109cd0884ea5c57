// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.traio.ScopeOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** What every scope of the application is opened with unless it says otherwise. */
@ConfigurationProperties("traio")
final class TraioProperties {

    /** Whether to auto-configure traio. */
    private boolean enabled = true;

    /** How long a scope may take from its opening until its tasks are done. No limit by default. */
    private @Nullable Duration defaultTimeout;

    /** How long a task may take to end once it is cancelled, before it is reported as a straggler. */
    private Duration cancelTimeout = Duration.ofSeconds(1);

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public @Nullable Duration getDefaultTimeout() {
        return defaultTimeout;
    }

    public void setDefaultTimeout(@Nullable Duration defaultTimeout) {
        this.defaultTimeout = defaultTimeout;
    }

    public Duration getCancelTimeout() {
        return cancelTimeout;
    }

    public void setCancelTimeout(Duration cancelTimeout) {
        this.cancelTimeout = cancelTimeout;
    }

    /**
     * Puts these values into options. Checked here and not while binding, since then the failure names the property and
     * the place where it was set.
     */
    ScopeOptions applyTo(ScopeOptions options) {
        ScopeOptions result = options.withCancelTimeout(positive("traio.cancel-timeout", cancelTimeout));
        return defaultTimeout == null ? result : result.withTimeout(positive("traio.default-timeout", defaultTimeout));
    }

    private static Duration positive(String property, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new InvalidConfigurationPropertyValueException(property, value, "It must be longer than zero.");
        }
        return value;
    }
}
