// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.ObservationView;
import io.traio.Scope;
import io.traio.Task;
import io.traio.spi.ContextPropagator;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Observes scopes, and optionally tasks. The observation of a scope is current in its body and in its tasks, so that
 * observations made there are nested in it; that of a task is current in the task. The parent of a scope's observation is
 * that of the parent scope, or the observation that was current inside the parent where the scope was opened. The parent of
 * a task's observation is that of its scope.
 *
 * <p>It is both a listener and a propagator, and a {@link io.traio.FactoryOptions factory} needs it as both: as a
 * propagator after those that propagate observations themselves. The registry is bound later by {@link #bindTo}, since its
 * beans may need scopes. Scopes that are opened before are not observed.
 *
 * <p>Thread-safe.
 */
public final class ScopeObservations implements ScopeListener, ContextPropagator {

    private static final Restorer NOTHING_TO_RESTORE = () -> {};

    /**
     * An observed scope.
     *
     * @param own its observation
     * @param current makes it current in the body; null if the thread that opened the scope does not run its body
     */
    private record Observed(Observation own, ScopeObservationContext context, Observation.@Nullable Scope current) {}

    /** A class of its own, loaded with the first observation: many applications make none. */
    private static final class Defaults {

        static final ScopeObservationConvention SCOPES = new DefaultScopeObservationConvention();
        static final TaskObservationConvention TASKS = new DefaultTaskObservationConvention();
    }

    private final boolean observesTasks;
    private final @Nullable ScopeObservationConvention scopeConvention;
    private final @Nullable TaskObservationConvention taskConvention;

    private final Map<Scope, Observed> scopes = new ConcurrentHashMap<>();
    /** Parents of observations in scopes whose own observation the registry has disabled. */
    private final Map<Scope, Observation> passedOn = new ConcurrentHashMap<>();

    private final Map<Task<?>, Observation> tasks = new ConcurrentHashMap<>();
    /** The task that is about to run on this thread; set where tasks are observed. */
    private final ThreadLocal<@Nullable Task<?>> starting = new ThreadLocal<>();

    private volatile ObservationRegistry registry = ObservationRegistry.NOOP;

    /**
     * Creates a listener and propagator.
     *
     * @param observesTasks whether tasks have observations of their own
     * @param scopeConvention the convention for scopes; null for the default
     * @param taskConvention the convention for tasks; null for the default
     */
    public ScopeObservations(
            boolean observesTasks,
            @Nullable ScopeObservationConvention scopeConvention,
            @Nullable TaskObservationConvention taskConvention) {
        this.observesTasks = observesTasks;
        this.scopeConvention = scopeConvention;
        this.taskConvention = taskConvention;
    }

    /**
     * Observes with a registry from now on.
     *
     * @param registry the registry
     */
    public void bindTo(ObservationRegistry registry) {
        this.registry = registry;
    }

    // ---- scopes ----

    @Override
    public void scopeOpened(Scope scope) {
        ObservationRegistry observing = registry;
        if (observing.isNoop()) {
            return;
        }
        ScopeObservationContext context = new ScopeObservationContext(scope);
        Observation own = TraioObservationDocumentation.SCOPE.observation(
                scopeConvention, Defaults.SCOPES, () -> context, observing);
        Observation parent = parentOf(scope, observing.getCurrentObservation());
        if (own.isNoop()) {
            if (parent != null) {
                passedOn.put(scope, parent);
            }
            return;
        }
        startBelow(parent, own);
        boolean hasBodyHere = Scope.current().filter(scope::equals).isPresent();
        scopes.put(scope, new Observed(own, context, hasBodyHere ? own.openScope() : null));
    }

    /** Makes the parent current, since tracing uses the current span as the parent, whatever the parent observation is. */
    private void startBelow(@Nullable Observation parent, Observation own) {
        if (parent == null) {
            own.start();
            return;
        }
        own.parentObservation(parent);
        if (parent == registry.getCurrentObservation()) {
            own.start();
            return;
        }
        try (Observation.Scope around = parent.openScope()) {
            own.start();
        }
    }

    /** Returns the current observation of this thread if it is in that of the parent scope, else the latter. */
    private @Nullable Observation parentOf(Scope scope, @Nullable Observation current) {
        Optional<Scope> up = scope.parent();
        Observation structural = up.isPresent() ? observationOf(up.get()) : null;
        return structural == null || isSameOrBelow(current, structural) ? current : structural;
    }

    private static boolean isSameOrBelow(@Nullable Observation observation, Observation above) {
        for (ObservationView o = observation; o != null; o = o.getContextView().getParentObservation()) {
            if (o == above) {
                return true;
            }
        }
        return false;
    }

    /** Returns the observation in which those of a scope's members are nested. */
    private @Nullable Observation observationOf(Scope scope) {
        Observed observed = scopes.get(scope);
        return observed != null ? observed.own() : passedOn.get(scope);
    }

    @Override
    public void scopeClosed(Scope scope, ScopeOutcome outcome) {
        Observed observed = scopes.remove(scope);
        if (observed == null) {
            passedOn.remove(scope);
            return;
        }
        Observation.Scope current = observed.current();
        if (current != null) {
            current.close();
        }
        observed.context().setOutcome(outcome);
        Throwable failure = outcome.failure();
        if (failure != null) {
            observed.own().error(failure);
        }
        observed.own().stop();
    }

    // ---- tasks ----

    @Override
    public @Nullable Snapshot capture() {
        ObservationRegistry observing = registry;
        if (observing.isNoop()) {
            return null;
        }
        Observation spawnedIn = observing.getCurrentObservation();
        return () -> makeCurrent(spawnedIn);
    }

    @Override
    public void taskStarted(Task<?> task, long waitNanos) {
        ObservationRegistry observing = registry;
        if (!observesTasks || observing.isNoop()) {
            return;
        }
        starting.set(task);
        Observation own = TraioObservationDocumentation.TASK.observation(
                taskConvention, Defaults.TASKS, () -> new TaskObservationContext(task), observing);
        if (!own.isNoop()) {
            startBelow(observationOf(task.scope()), own);
            tasks.put(task, own);
        }
    }

    /** Called on the task's thread, after {@link #taskStarted}. */
    private Restorer makeCurrent(@Nullable Observation spawnedIn) {
        Observation wanted = observesTasks ? ownOfStarting() : null;
        if (wanted == null) {
            Observation above = Scope.current().map(this::observationOf).orElse(null);
            wanted = above == null || isSameOrBelow(spawnedIn, above) ? spawnedIn : above;
        }
        if (wanted == null || wanted == registry.getCurrentObservation()) {
            return NOTHING_TO_RESTORE;
        }
        return wanted.openScope()::close;
    }

    private @Nullable Observation ownOfStarting() {
        Task<?> task = starting.get();
        starting.remove();
        return task != null ? tasks.get(task) : null;
    }

    @Override
    public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
        if (!observesTasks) {
            return;
        }
        if (starting.get() == task) {
            starting.remove();
        }
        Observation own = tasks.remove(task);
        if (own != null) {
            if (failure != null) {
                own.error(failure);
            }
            own.stop();
        }
    }

    @Override
    public void abandonedEnded(Task<?> task) {
        if (observesTasks && starting.get() == task) {
            starting.remove();
        }
    }
}
