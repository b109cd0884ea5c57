// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import org.jspecify.annotations.Nullable;

/**
 * Fields of a scope, last part: what ending tasks write. Enforces a memory layout: they are as far as can be from what each
 * spawn reads, since a processor that reads waits for one that writes nearby. {@link Admission} changes them.
 */
abstract class ScopeWordFields extends ScopeRecordFields {

    /** The lifecycle state, a {@link ScopeWord}. */
    volatile long control;

    /**
     * Members that were counted in and then lost, out of stack or memory, awaited ones in the lower half: see {@link
     * Admission#takeLost}. Not exact if several threads lose members at once.
     */
    int lost;

    /**
     * Whether it is counted among its parent's members. Not if it is opened by code that the parent waits for anyway, which
     * leaves it first: most scopes are. Written before other threads know the scope.
     */
    boolean counted;

    ScopeWordFields(
            Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared, long now) {
        super(engine, parent, name, options, shared, now);
    }
}
