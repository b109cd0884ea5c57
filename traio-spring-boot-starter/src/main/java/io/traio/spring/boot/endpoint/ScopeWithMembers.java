// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.ScopeSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A scope that is shown with some of its members. */
record ScopeWithMembers(ScopeSnapshot scope, List<TaskSnapshot> tasks, List<ScopeSnapshot> children)
        implements ScopeSnapshot {

    @Override
    public long id() {
        return scope.id();
    }

    @Override
    public String name() {
        return scope.name();
    }

    @Override
    public String kind() {
        return scope.kind();
    }

    @Override
    public Scope.State state() {
        return scope.state();
    }

    @Override
    public @Nullable String cancelled() {
        return scope.cancelled();
    }

    @Override
    public boolean straggling() {
        return scope.straggling();
    }

    @Override
    public boolean shielded() {
        return scope.shielded();
    }

    @Override
    public boolean endless() {
        return scope.endless();
    }

    @Override
    public @Nullable String thread() {
        return scope.thread();
    }

    @Override
    public @Nullable String waitsFor() {
        return scope.waitsFor();
    }

    @Override
    public Instant openedAt() {
        return scope.openedAt();
    }

    @Override
    public Duration age() {
        return scope.age();
    }

    @Override
    public @Nullable Duration remaining() {
        return scope.remaining();
    }

    @Override
    public int omitted() {
        return scope.omitted();
    }
}
