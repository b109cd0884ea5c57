// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Scope;
import io.traio.ScopeSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a scope was when a snapshot was taken. */
record ScopeView(
        long id,
        String name,
        String kind,
        Scope.State state,
        @Nullable String cancelled,
        boolean straggling,
        boolean shielded,
        boolean endless,
        @Nullable String thread,
        @Nullable String waitsFor,
        Instant openedAt,
        Duration age,
        @Nullable Duration remaining,
        List<TaskSnapshot> tasks,
        List<ScopeSnapshot> children,
        int omitted)
        implements ScopeSnapshot {

    /** Returns a snapshot that was taken right before its scope was cancelled, with what has cancelled it. */
    static ScopeSnapshot cancelled(ScopeSnapshot taken, @Nullable String by) {
        return taken instanceof ScopeView view ? view.with(by) : taken;
    }

    private ScopeView with(@Nullable String cancelledBy) {
        return new ScopeView(
                id,
                name,
                kind,
                state,
                cancelledBy,
                straggling,
                shielded,
                endless,
                thread,
                waitsFor,
                openedAt,
                age,
                remaining,
                tasks,
                children,
                omitted);
    }

    @Override
    public String toString() {
        return "scope '" + displayName() + "' (#" + id + ") " + state + ", tasks " + tasks + ", children " + children
                + (omitted == 0 ? "" : ", " + omitted + " more");
    }
}
