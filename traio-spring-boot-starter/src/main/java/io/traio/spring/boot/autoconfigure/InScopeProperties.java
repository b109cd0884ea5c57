// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Of the annotation.
 *
 * @param enabled Whether methods annotated with @InScope run in scopes.
 */
@ConfigurationProperties("traio.in-scope")
record InScopeProperties(@DefaultValue("true") boolean enabled) {}
