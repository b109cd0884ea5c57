// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How context travels into tasks, and the current scope out of them.
 *
 * @param enabled Whether what is registered with Micrometer context-propagation is captured at spawn and restored in the
 *     task.
 * @param exclude Keys of accessors that are left out.
 * @param publishScope Whether the current scope itself is registered with Micrometer context-propagation, so that it
 *     travels with Reactor and with other executors.
 */
@ConfigurationProperties("traio.context")
record ContextProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue List<String> exclude,
        @DefaultValue("true") boolean publishScope) {}
