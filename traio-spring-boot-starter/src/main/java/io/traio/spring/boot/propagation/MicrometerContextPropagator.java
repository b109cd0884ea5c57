// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.traio.spi.ContextPropagator;
import io.traio.spring.boot.internal.Rethrow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Propagates to tasks what is registered with Micrometer context-propagation: the current observation and trace, the
 * security context, and every other value with a {@link ThreadLocalAccessor}.
 *
 * <p>A task has exactly the context of its spawner: on a thread that was not created for the task, values that the spawner
 * did not have are cleared while the task runs. Afterwards the values of the thread are restored in reverse order, and what
 * the task itself has set is cleared, even if an accessor throws. {@link io.micrometer.context.ContextSnapshot} does not do
 * that: it leaves values set when an accessor throws.
 *
 * <p>The current scope is left out, since a task has it anyway.
 *
 * <p>Thread-safe.
 */
public final class MicrometerContextPropagator implements ContextPropagator {

    private static final Logger LOGGER = LoggerFactory.getLogger(MicrometerContextPropagator.class);
    private static final Restorer NOTHING_TO_RESTORE = () -> {};

    private final ContextRegistry registry;
    private final List<ThreadLocalAccessor<?>> others;
    private final Set<String> excluded;
    private final AtomicBoolean checked = new AtomicBoolean();
    private volatile @Nullable Choice choice;

    /**
     * Creates a propagator.
     *
     * @param registry the registry whose accessors are used, also those registered later
     * @param others accessors to use where the registry has none for their key; they are used first
     * @param excluded keys, as strings, of accessors that are not used
     * @throws NullPointerException if an argument is null or has a null element
     */
    public MicrometerContextPropagator(
            ContextRegistry registry,
            Collection<? extends ThreadLocalAccessor<?>> others,
            Collection<String> excluded) {
        this.registry = Objects.requireNonNull(registry, "registry");
        this.others = List.copyOf(others);
        this.excluded = Set.copyOf(excluded);
    }

    @Override
    public Snapshot capture() {
        Choice now = choice();
        ThreadLocalAccessor<?>[] accessors = now.wanted();
        @Nullable Object[] values = null;
        for (int i = 0; i < accessors.length; i++) {
            Object value = accessors[i].getValue();
            if (value != null) {
                values = values != null ? values : new @Nullable Object[accessors.length];
                values[i] = value;
            }
        }
        return values != null ? new Captured(accessors, values) : now.nothing();
    }

    /** Returns the accessors to use. They are chosen again only if the registered ones have changed. */
    private Choice choice() {
        List<ThreadLocalAccessor<?>> registered = registry.getThreadLocalAccessors();
        Choice known = choice;
        if (known == null || !known.isOf(registered)) {
            known = choose(registered.toArray(new ThreadLocalAccessor<?>[0]));
            choice = known;
        }
        return known;
    }

    private Choice choose(ThreadLocalAccessor<?>[] registered) {
        List<ThreadLocalAccessor<?>> wanted = new ArrayList<>();
        for (ThreadLocalAccessor<?> other : others) {
            if (isWanted(other.key()) && !isAmong(registered, other.key())) {
                wanted.add(other);
            }
        }
        for (ThreadLocalAccessor<?> accessor : registered) {
            if (isWanted(accessor.key())) {
                wanted.add(accessor);
            }
        }
        if (checked.compareAndSet(false, true)) {
            warnOfUnknown(registered);
        }
        return Choice.of(registered, wanted.toArray(new ThreadLocalAccessor<?>[0]));
    }

    /** Warns of keys that exclude nothing: they may be misspelt, and what they should exclude travels. */
    private void warnOfUnknown(ThreadLocalAccessor<?>[] registered) {
        Set<String> known = new TreeSet<>();
        Stream.concat(Stream.of(registered), others.stream())
                .forEach(accessor -> known.add(accessor.key().toString()));
        Set<String> unknown = new TreeSet<>(excluded);
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            LOGGER.warn(
                    "traio.propagation.exclude has keys that no accessor has: {}. Those that exist: {}",
                    unknown,
                    known);
        }
    }

    private boolean isWanted(Object key) {
        return !key.equals(ScopeThreadLocalAccessor.KEY) && !excluded.contains(key.toString());
    }

    private static boolean isAmong(ThreadLocalAccessor<?>[] accessors, Object key) {
        for (ThreadLocalAccessor<?> accessor : accessors) {
            if (accessor.key().equals(key)) {
                return true;
            }
        }
        return false;
    }

    /** The registered accessors, and those of them that are used. */
    private record Choice(ThreadLocalAccessor<?>[] registered, ThreadLocalAccessor<?>[] wanted, Captured nothing) {

        static Choice of(ThreadLocalAccessor<?>[] registered, ThreadLocalAccessor<?>[] wanted) {
            return new Choice(registered, wanted, new Captured(wanted, new @Nullable Object[wanted.length]));
        }

        boolean isOf(List<ThreadLocalAccessor<?>> now) {
            if (now.size() != registered.length) {
                return false;
            }
            int i = 0;
            for (ThreadLocalAccessor<?> accessor : now) {
                if (i == registered.length || accessor != registered[i++]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** The values, null where the spawner had none, with the accessors that read them. */
    private record Captured(
            ThreadLocalAccessor<?>[] accessors, @Nullable Object[] values) implements Snapshot {

        @Override
        public Restorer set() {
            return set(/* onNewThread= */ false);
        }

        @Override
        public Restorer setOnNewThread() {
            return set(/* onNewThread= */ true);
        }

        private Restorer set(boolean onNewThread) {
            if (onNewThread && isEmpty()) {
                return NOTHING_TO_RESTORE;
            }
            Before before = new Before(this, onNewThread);
            try {
                before.replace();
            } catch (Throwable e) {
                before.restoreAll(e);
                throw e;
            }
            return before;
        }

        private boolean isEmpty() {
            for (Object value : values) {
                if (value != null) {
                    return false;
                }
            }
            return true;
        }
    }

    /** What a thread had before captured values were set on it. */
    private static final class Before implements Restorer {

        private final ThreadLocalAccessor<?>[] accessors;
        private final @Nullable Object[] values;
        private final @Nullable Object @Nullable [] before;
        private int replaced;

        Before(Captured captured, boolean onNewThread) {
            accessors = captured.accessors();
            values = captured.values();
            before = onNewThread ? null : new @Nullable Object[values.length];
        }

        void replace() {
            for (; replaced < values.length; replaced++) {
                Object value = values[replaced];
                if (before != null) {
                    before[replaced] = accessors[replaced].getValue();
                }
                if (value != null) {
                    set(accessors[replaced], value);
                } else if (before != null && before[replaced] != null) {
                    accessors[replaced].setValue();
                }
            }
        }

        @Override
        public void restore() {
            Throwable failure = restoreAll(null);
            if (failure != null) {
                throw Rethrow.asIs(failure);
            }
        }

        /** Restores all in reverse order; returns the first failure, with later ones suppressed. */
        private @Nullable Throwable restoreAll(@Nullable Throwable failure) {
            Throwable first = failure;
            for (int i = replaced - 1; i >= 0; i--) {
                try {
                    restore(i);
                } catch (Throwable e) {
                    if (first == null) {
                        first = e;
                    } else if (first != e) {
                        first.addSuppressed(e);
                    }
                }
            }
            return first;
        }

        private void restore(int i) {
            Object previous = before != null ? before[i] : null;
            if (previous != null) {
                restore(accessors[i], previous);
            } else if (values[i] != null || before != null && accessors[i].getValue() != null) {
                accessors[i].restore();
            }
        }

        @SuppressWarnings("unchecked") // the value was read by the same accessor
        private static <V> void set(ThreadLocalAccessor<V> accessor, Object value) {
            accessor.setValue((V) value);
        }

        @SuppressWarnings("unchecked") // the value was read by the same accessor
        private static <V> void restore(ThreadLocalAccessor<V> accessor, Object previous) {
            accessor.restore((V) previous);
        }
    }
}
