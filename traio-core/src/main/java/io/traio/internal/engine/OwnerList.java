// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a scope has spawned in its body, and how many it has counted in ahead. The owner alone adds, by plain
 * writes, and never takes a place back.
 *
 * <p>All that it writes at each spawn is here, and not in the scope, which the threads of tasks read and write when they
 * end: two processors that write near each other wait for each other.
 */
final class OwnerList extends LiveList {

    private static final VarHandle AHEAD;

    static {
        try {
            AHEAD = MethodHandles.lookup().findVarHandle(OwnerList.class, "ahead", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * Awaited members that have been counted in ahead of their spawning: the body holds the scope anyway, and the count is
     * contended by tasks that end. No more is spawned from it once the scope is cancelled.
     */
    private int ahead;

    private OwnerList(@Nullable Object[] first) {
        super(first);
    }

    /** The array is made before the list: what comes later in memory is further from the scope, made just before. */
    static OwnerList create() {
        @Nullable Object[] first = new @Nullable Object[FIRST_LENGTH];
        return new OwnerList(first);
    }

    int ahead() {
        return (int) AHEAD.getOpaque(this);
    }

    void ahead(int members) {
        AHEAD.setOpaque(this, members);
    }

    @Override
    boolean add(Node node) {
        return addAlone(node);
    }
}
