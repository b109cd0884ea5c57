// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.observation.Observation;
import io.traio.Scope;
import io.traio.spi.ScopeOutcome;
import org.jspecify.annotations.Nullable;

/** The context of the observation of a scope. */
public class ScopeObservationContext extends Observation.Context {

    private final Scope scope;
    private volatile @Nullable ScopeOutcome outcome;

    /**
     * Creates a context.
     *
     * @param scope the opened scope
     */
    public ScopeObservationContext(Scope scope) {
        this.scope = scope;
    }

    /**
     * Returns the scope.
     *
     * @return the scope
     */
    public Scope getScope() {
        return scope;
    }

    /**
     * Returns how the scope ended.
     *
     * @return its outcome; null while it is live
     */
    public @Nullable ScopeOutcome getOutcome() {
        return outcome;
    }

    void setOutcome(ScopeOutcome outcome) {
        this.outcome = outcome;
    }
}
