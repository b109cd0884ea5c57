// SPDX-License-Identifier: Apache-2.0
/**
 * Auto-configuration of the observations.
 *
 * <p>{@code ObservationInterest} finds out whether any handler is interested in them.
 */
@NullMarked
package io.traio.spring.boot.observation.autoconfigure;

import org.jspecify.annotations.NullMarked;
