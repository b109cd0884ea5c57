// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * The names and key values of observations of scopes. A bean of this type replaces {@link
 * DefaultScopeObservationConvention}.
 */
public interface ScopeObservationConvention extends ObservationConvention<ScopeObservationContext> {

    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof ScopeObservationContext;
    }
}
