// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint.autoconfigure;

import java.util.HashSet;
import java.util.Set;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** Properties of the endpoint {@code scopes}. */
@ConfigurationProperties("management.endpoint.scopes")
final class ScopesEndpointProperties {

    /** When to show the stack traces of running tasks in the detail of a scope. */
    private Show showStacks = Show.NEVER;

    /** Roles used to determine whether a user is authorized to be shown stack traces. When empty, all authenticated users are authorized. */
    private Set<String> roles = new HashSet<>();

    public Show getShowStacks() {
        return showStacks;
    }

    public void setShowStacks(Show showStacks) {
        this.showStacks = showStacks;
    }

    public Set<String> getRoles() {
        return roles;
    }

    public void setRoles(Set<String> roles) {
        this.roles = roles;
    }
}
