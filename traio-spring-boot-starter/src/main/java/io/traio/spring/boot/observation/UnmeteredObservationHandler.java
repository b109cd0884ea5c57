// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;

/**
 * Takes observations of scopes and tasks and makes no meters of them: of the handlers that do, Spring Boot asks the first
 * that supports a context, and traio has cheaper meters already.
 */
public final class UnmeteredObservationHandler implements MeterObservationHandler<Observation.Context> {

    /** Makes a handler, which must come before others of its kind. */
    public UnmeteredObservationHandler() {}

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof ScopeObservationContext || context instanceof TaskObservationContext;
    }
}
