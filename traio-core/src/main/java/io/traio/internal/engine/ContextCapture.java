// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.spi.ContextPropagator;
import io.traio.spi.ContextPropagator.Around;
import io.traio.spi.ContextPropagator.Restorer;
import io.traio.spi.ContextPropagator.Snapshot;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All propagators of a factory as one: set in order, undone in reverse, also where one of them throws. */
final class ContextCapture {

    private final ContextPropagator[] propagators;

    /** Takes what can hang on no other failure. */
    private final Consumer<Throwable> lost;

    ContextCapture(List<ContextPropagator> propagators, Consumer<Throwable> lost) {
        this.lost = lost;
        this.propagators = propagators.toArray(new ContextPropagator[0]);
    }

    /** Captures this thread's context; null if there is none. */
    @Nullable
    Object capture() {
        Snapshot first = null;
        @Nullable Snapshot[] all = null;
        for (int i = 0; i < propagators.length; i++) {
            Snapshot snapshot = propagators[i].capture();
            if (first == null) {
                first = snapshot;
            } else if (snapshot != null) {
                if (all == null) {
                    all = new Snapshot[propagators.length];
                    all[0] = first;
                }
                all[i] = snapshot;
            }
        }
        return all != null ? all : first;
    }

    /**
     * Sets a captured context on this thread; if that fails, what was set before is undone.
     *
     * @param onNewThread whether the spawner has made this thread for this task
     */
    @Nullable
    Restorer set(@Nullable Object captured, boolean onNewThread) {
        if (captured instanceof Snapshot single) {
            return set(single, onNewThread);
        }
        return captured == null ? null : setAll((@Nullable Snapshot[]) captured, onNewThread);
    }

    /**
     * Calls work inside what was captured, as far as that exists around a call only.
     *
     * @param notRestored takes what went wrong after the work was called
     */
    static @Nullable Object call(@Nullable Object captured, Callable<?> work, Consumer<Throwable> notRestored)
            throws Exception {
        if (captured instanceof Around single) {
            return new ContextAround(single, work, notRestored).call();
        }
        if (captured == null || captured instanceof Snapshot) {
            return work.call();
        }
        Callable<?> call = work;
        @Nullable Snapshot[] all = (@Nullable Snapshot[]) captured;
        for (int i = all.length - 1; i >= 0; i--) {
            if (all[i] instanceof Around around) {
                call = new ContextAround(around, call, notRestored);
            }
        }
        return call.call();
    }

    private static Restorer set(Snapshot snapshot, boolean onNewThread) {
        return onNewThread ? snapshot.setOnNewThread() : snapshot.set();
    }

    private Restorer setAll(@Nullable Snapshot[] snapshots, boolean onNewThread) {
        @Nullable Restorer[] restorers = new Restorer[snapshots.length];
        Restorer all = () -> restoreAll(restorers);
        try {
            for (int i = 0; i < snapshots.length; i++) {
                Snapshot snapshot = snapshots[i];
                if (snapshot != null) {
                    restorers[i] = set(snapshot, onNewThread);
                }
            }
        } catch (Throwable e) {
            try {
                all.restore();
            } catch (Throwable inRestoring) {
                suppress(e, inRestoring);
            }
            throw e;
        }
        return all;
    }

    private void restoreAll(@Nullable Restorer[] restorers) {
        Throwable first = null;
        for (int i = restorers.length - 1; i >= 0; i--) {
            Restorer restorer = restorers[i];
            try {
                if (restorer != null) {
                    restorer.restore();
                }
            } catch (Throwable e) {
                if (first == null) {
                    first = e;
                } else {
                    suppress(first, e);
                }
            }
        }
        if (first != null) {
            throw TaskFailures.<RuntimeException>sneaky(first);
        }
    }

    private void suppress(Throwable primary, Throwable other) {
        if (Throwables.isReachable(primary, other) && primary != other) {
            lost.accept(other);
        } else {
            Throwables.suppress(primary, other);
        }
    }

    /** Undoes what {@link #set} did; returns what went wrong. */
    @Nullable
    Throwable restore(@Nullable Restorer restorer) {
        if (restorer != null) {
            try {
                restorer.restore();
            } catch (Throwable e) {
                return e;
            }
        }
        return null;
    }
}
