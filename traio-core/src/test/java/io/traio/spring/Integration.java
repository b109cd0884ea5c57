// SPDX-License-Identifier: Apache-2.0
package io.traio.spring;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import java.util.function.Supplier;

/** Stands for an integration of traio's own, which opens scopes for its users. */
public final class Integration {

    private Integration() {}

    public static OpenScope open(ScopeFactory scopes) {
        return scopes.openShared("for a user");
    }

    public static Supplier<OpenScope> opener(ScopeFactory scopes) {
        return () -> open(scopes);
    }
}
