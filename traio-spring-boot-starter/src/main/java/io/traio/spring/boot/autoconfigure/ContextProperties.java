// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** How context travels into tasks, and the current scope out of them. */
@ConfigurationProperties("traio.context")
final class ContextProperties {

    /** Whether what is registered with Micrometer context-propagation is captured at spawn and restored in the task. */
    private boolean enabled = true;

    /** Keys of accessors that are left out. */
    private List<String> exclude = new ArrayList<>();

    /** Whether the current scope itself is registered with Micrometer context-propagation, so that it travels with Reactor and with other executors. */
    private boolean publishScope = true;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public List<String> getExclude() {
        return exclude;
    }

    public void setExclude(List<String> exclude) {
        this.exclude = exclude;
    }

    public boolean isPublishScope() {
        return publishScope;
    }

    public void setPublishScope(boolean publishScope) {
        this.publishScope = publishScope;
    }
}
