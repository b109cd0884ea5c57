// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;

/** Of the annotation. */
@ConfigurationProperties("traio.in-scope")
final class InScopeProperties {

    /** Whether methods annotated with @InScope run in scopes. */
    private boolean enabled = true;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }
}
