// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.observation.Observation;
import io.traio.Scope;
import io.traio.spi.ScopeOutcome;
import org.jspecify.annotations.Nullable;

/** What the observation of a scope is about. */
public class ScopeObservationContext extends Observation.Context {

    private final Scope scope;
    private volatile @Nullable ScopeOutcome outcome;

    /**
     * Makes a context.
     *
     * @param scope the scope that was opened
     */
    public ScopeObservationContext(Scope scope) {
        this.scope = scope;
    }

    /**
     * The scope.
     *
     * @return the scope
     */
    public Scope getScope() {
        return scope;
    }

    /**
     * How the scope ended.
     *
     * @return its outcome; null while it lives
     */
    public @Nullable ScopeOutcome getOutcome() {
        return outcome;
    }

    void setOutcome(ScopeOutcome outcome) {
        this.outcome = outcome;
    }
}
