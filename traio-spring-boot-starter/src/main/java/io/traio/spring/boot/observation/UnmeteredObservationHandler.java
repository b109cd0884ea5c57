// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;

/**
 * Handles observations of scopes and tasks without making meters of them, since traio has cheaper meters. Of the handlers
 * that make meters, Spring Boot calls the first that supports a context.
 */
public final class UnmeteredObservationHandler implements MeterObservationHandler<Observation.Context> {

    /** Creates a handler, which must precede other handlers that make meters. */
    public UnmeteredObservationHandler() {}

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof ScopeObservationContext || context instanceof TaskObservationContext;
    }
}
