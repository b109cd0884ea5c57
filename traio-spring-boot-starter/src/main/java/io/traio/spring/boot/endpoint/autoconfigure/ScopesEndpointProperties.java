// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint.autoconfigure;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Properties of the endpoint {@code scopes}. */
@ConfigurationProperties("management.endpoint.scopes")
final class ScopesEndpointProperties {

    /** When to show the stack traces of running tasks in the detail of a scope. */
    private Show showStacks = Show.NEVER;

    /**
     * Roles used to determine whether a user is authorized to be shown stack traces and values. When empty, all authenticated
     * users are authorized.
     */
    private Set<String> roles = new HashSet<>();

    /** When to show the values of attributes that the application contributes, in the detail of a root scope. */
    private Show showValues = Show.NEVER;

    /** Address of a trace for links on the live page, with the placeholder {traceId}. */
    private @Nullable String traceLink;

    private final Recent recent = new Recent();

    public Recent getRecent() {
        return recent;
    }

    public Show getShowStacks() {
        return showStacks;
    }

    public void setShowStacks(Show showStacks) {
        this.showStacks = showStacks;
    }

    public Show getShowValues() {
        return showValues;
    }

    public void setShowValues(Show showValues) {
        this.showValues = showValues;
    }

    public @Nullable String getTraceLink() {
        return traceLink;
    }

    public void setTraceLink(@Nullable String traceLink) {
        this.traceLink = traceLink;
    }

    public Set<String> getRoles() {
        return roles;
    }

    public void setRoles(Set<String> roles) {
        this.roles = roles;
    }

    /** What is remembered of scopes that have ended. */
    static final class Recent {

        /**
         * Whether to remember the last scopes that failed, timed out, left stragglers, were cancelled with a reason or were
         * slow, and to count all by name.
         */
        private boolean enabled = true;

        /** From which duration on a root scope is slow; 0 if none is. */
        private Duration slowThreshold = Duration.ofSeconds(5);

        public boolean isEnabled() {
            return enabled;
        }

        public void setEnabled(boolean enabled) {
            this.enabled = enabled;
        }

        public Duration getSlowThreshold() {
            return slowThreshold;
        }

        public void setSlowThreshold(Duration slowThreshold) {
            this.slowThreshold = slowThreshold;
        }
    }
}
