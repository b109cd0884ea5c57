// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import java.util.Set;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the endpoint {@code scopes} shows.
 *
 * @param showStacks When to show the stack traces of running tasks in the detail of a scope.
 * @param roles Roles used to determine whether a user is authorized to be shown stack traces. When empty, all
 *     authenticated users are authorized.
 */
@ConfigurationProperties("management.endpoint.scopes")
record ScopesEndpointProperties(
        @DefaultValue("never") Show showStacks,
        @DefaultValue Set<String> roles) {}
