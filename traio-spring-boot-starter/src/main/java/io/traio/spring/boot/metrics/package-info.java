// SPDX-License-Identifier: Apache-2.0
/**
 * Micrometer meters of scopes and tasks.
 *
 * <p>{@link io.traio.spring.boot.metrics.ScopeMetrics} maps events of scopes to the {@code NameMeters} of their name, which
 * has {@code RegisteredMeters} in each registry. {@code OutcomeTags} are the tags of an end.
 */
@NullMarked
package io.traio.spring.boot.metrics;

import org.jspecify.annotations.NullMarked;
