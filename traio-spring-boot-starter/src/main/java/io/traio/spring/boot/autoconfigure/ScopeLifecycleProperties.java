// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** The end of scopes at shutdown. */
@ConfigurationProperties("traio.lifecycle")
final class ScopeLifecycleProperties {

    /** Whether to drain scopes, then cancel them and wait for them, before other beans are destroyed. */
    private boolean enabled = true;

    /** How long scopes may take at shutdown to end by themselves before they are cancelled. By default the shutdown phase's timeout less twice the cancel timeout, but at least half of it. */
    private @Nullable Duration drainTimeout;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public @Nullable Duration getDrainTimeout() {
        return drainTimeout;
    }

    public void setDrainTimeout(@Nullable Duration drainTimeout) {
        this.drainTimeout = drainTimeout;
    }

    /** Some of the phase is kept back, so that we are done before the phase is given up. */
    static Duration withinPhase(Duration phaseTimeout) {
        Duration spare = fraction(phaseTimeout, 10);
        Duration most = Duration.ofMillis(500);
        return phaseTimeout.minus(spare.compareTo(most) < 0 ? spare : most);
    }

    /** Checked here and not while binding, since then the failure names the property and the place where it was set. */
    Duration checkedDrainTimeout(Duration within, Duration cancelTimeout) {
        if (drainTimeout == null) {
            // Compared before it is doubled: "for ever" would overflow.
            boolean isShort = cancelTimeout.compareTo(fraction(within, 4)) < 0;
            return isShort ? within.minus(cancelTimeout).minus(cancelTimeout) : fraction(within, 2);
        }
        if (drainTimeout.isNegative()) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.lifecycle.drain-timeout", drainTimeout, "It must not be negative.");
        }
        return drainTimeout.compareTo(within) < 0 ? drainTimeout : within;
    }

    /** In milliseconds: to divide, Duration goes through BigDecimal, whose tables take 10 ms of a start. */
    private static Duration fraction(Duration whole, int parts) {
        return Duration.ofMillis(whole.toMillis() / parts);
    }
}
