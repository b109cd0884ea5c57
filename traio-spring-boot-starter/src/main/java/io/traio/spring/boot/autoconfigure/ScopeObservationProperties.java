// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Observations of scopes and tasks.
 *
 * @param enabled Whether to observe scopes, which makes them spans where the application traces.
 * @param tasks Whether to observe each task, too.
 */
@ConfigurationProperties("traio.observation")
record ScopeObservationProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("false") boolean tasks) {}
