// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.ScopeOptions;
import io.traio.ScopePolicy;
import io.traio.internal.Policies;
import org.jspecify.annotations.Nullable;

/**
 * Fields of a scope, first part: what each spawn reads. Enforces a memory layout: a superclass's fields come before those
 * of its subclasses. {@link Members} and {@link ThisThread} use them.
 */
abstract class ScopeTreeFields extends Node {

    final Engine engine;
    /** Tasks that wait for a thread or a permit; null if each task gets a thread at once. Set when the scope is made. */
    @Nullable
    TaskQueue queue;

    /** What the owner has spawned in its body; null if the scope is shared. */
    final @Nullable OwnerList ofOwner;

    final ScopeOptions options;
    /** Asked about each awaited task that has ended; null for the default, which need not be asked. */
    final @Nullable ScopePolicy policy;

    final @Nullable ScopeNode parent;
    final boolean shared;

    /** All other members; null until there is one. */
    volatile @Nullable LiveList others;

    /** How many child scopes are counted among the members. */
    volatile int countedChildren;

    /** Whether a child scope has ever been a member. */
    volatile boolean hadChildren;

    ScopeTreeFields(Engine engine, @Nullable ScopeNode parent, String name, ScopeOptions options, boolean shared) {
        super(name, initialState(engine, shared));
        this.engine = engine;
        this.parent = parent;
        this.shared = shared;
        this.options = options;
        this.policy = options.policy() != Policies.ALL_SUCCESSFUL ? options.policy() : null;
        this.ofOwner = shared ? null : OwnerList.create();
    }

    /** The owner is in the body before other threads know the scope; without listeners no report is owed to any. */
    private static int initialState(Engine engine, boolean shared) {
        return (shared ? QUEUED : RUNNING) | (engine.observers.hasListeners() ? 0 : OPENING_REPORTED);
    }
}
