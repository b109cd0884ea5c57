// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.function.Consumer;

/** Listeners that do one thing. */
final class Watcher {

    private Watcher() {}

    static ScopeListener onTaskSpawned(Consumer<Task<?>> action) {
        return new ScopeListener() {
            @Override
            public void taskSpawned(Task<?> task) {
                action.accept(task);
            }
        };
    }

    static ScopeListener onScopeClosed(Consumer<ScopeOutcome> action) {
        return new ScopeListener() {
            @Override
            public void scopeClosed(Scope scope, ScopeOutcome outcome) {
                action.accept(outcome);
            }
        };
    }
}
