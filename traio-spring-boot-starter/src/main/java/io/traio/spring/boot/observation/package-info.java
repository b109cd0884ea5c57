// SPDX-License-Identifier: Apache-2.0
/**
 * Micrometer observations of scopes and tasks, which are spans where the application traces.
 *
 * <p>{@link io.traio.spring.boot.observation.ScopeObservations} makes them,
 * {@link io.traio.spring.boot.observation.TraioObservationDocumentation} documents them, and the conventions name them.
 * {@link io.traio.spring.boot.observation.UnmeteredObservationHandler} prevents meters of them.
 */
@NullMarked
package io.traio.spring.boot.observation;

import org.jspecify.annotations.NullMarked;
