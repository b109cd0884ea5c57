// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.operators;

import io.traio.Functions.ThrowingConsumer;
import io.traio.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The values of one operator's tasks: each is given to the caller or to a hook, once. Keeps nothing if there is no hook. */
public final class Discards {

    private final Hooks hooks;

    /** Values that came while it was open who wins; null since then. Guarded by this. */
    private @Nullable List<Object> kept = new ArrayList<>();

    /** What the caller has got. Guarded by this. */
    private @Nullable Object delivered;

    Discards(Hooks hooks) {
        this.hooks = hooks;
    }

    /** Returns work that keeps its value for a hook; a value that comes too late is discarded by the thread of the work. */
    <T extends @Nullable Object> Callable<? extends T> keeping(Callable<? extends T> work) {
        if (hooks.list.isEmpty()) {
            return work;
        }
        return () -> {
            T value = work.call();
            if (value != null && isTooLate(value)) {
                hooks.discard(value);
            }
            return value;
        };
    }

    private synchronized boolean isTooLate(Object value) {
        if (kept != null) {
            kept.add(value);
            return false;
        }
        return value != delivered;
    }

    /**
     * The operator ends: discards what has been kept, but for what the caller gets.
     *
     * @param scope the scope of the operator, which has ended; null if it was never opened
     * @param result what the caller gets; null if that is none of the values
     */
    void settle(@Nullable Scope scope, @Nullable Object result) {
        List<Object> values = close(result);
        if (scope == null || values == null) {
            return;
        }
        for (Object value : values) {
            if (value != result) {
                // Here and now; what the hook throws is logged.
                scope.onDone(ended -> discard(value));
            }
        }
    }

    private synchronized @Nullable List<Object> close(@Nullable Object result) {
        List<Object> values = kept;
        kept = null;
        delivered = result;
        return values;
    }

    private void discard(Object value) {
        try {
            hooks.discard(value);
        } catch (Exception e) {
            throw Discards.<RuntimeException>sneaky(e);
        }
    }

    @SuppressWarnings("unchecked") // X is only ever RuntimeException
    private static <X extends Throwable> X sneaky(Throwable failure) throws X {
        throw (X) failure;
    }

    /** What to do with values that nobody gets, by type. Immutable. */
    public static final class Hooks {

        /** None: values are dropped. */
        public static final Hooks NONE = new Hooks(List.of());

        private final List<Hook<?>> list;

        private Hooks(List<Hook<?>> list) {
            this.list = list;
        }

        /**
         * Returns these hooks and one more.
         *
         * @param <V> type of the values
         * @param type class of the values
         * @param action what to do with them
         * @return more hooks
         */
        public <V> Hooks and(Class<V> type, ThrowingConsumer<? super V> action) {
            List<Hook<?>> more = new ArrayList<>(list);
            more.add(new Hook<>(Objects.requireNonNull(type, "type"), Objects.requireNonNull(action, "hook")));
            return new Hooks(List.copyOf(more));
        }

        private void discard(Object value) throws Exception {
            for (Hook<?> hook : list) {
                if (hook.tries(value)) {
                    return;
                }
            }
        }
    }

    private record Hook<V>(Class<V> type, ThrowingConsumer<? super V> action) {

        boolean tries(Object value) throws Exception {
            if (!type.isInstance(value)) {
                return false;
            }
            action.accept(type.cast(value));
            return true;
        }
    }
}
