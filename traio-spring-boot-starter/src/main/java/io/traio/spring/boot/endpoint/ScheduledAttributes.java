// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.traio.Scope;
import java.util.function.BiConsumer;
import org.springframework.scheduling.support.ScheduledTaskObservationContext;

/** Says which scheduled method has opened a root scope, as its observation knows. */
public final class ScheduledAttributes implements ScopeAttributesContributor {

    private final ObservationRegistry registry;

    /**
     * Creates a contributor.
     *
     * @param registry the registry that observes scheduled methods
     */
    public ScheduledAttributes(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void contribute(Scope root, BiConsumer<String, String> attributes) {
        Observation current = registry.getCurrentObservation();
        if (current != null && current.getContextView() instanceof ScheduledTaskObservationContext task) {
            attributes.accept(
                    RootAttributes.FUNCTION,
                    task.getTargetClass().getName() + "." + task.getMethod().getName());
        }
    }
}
