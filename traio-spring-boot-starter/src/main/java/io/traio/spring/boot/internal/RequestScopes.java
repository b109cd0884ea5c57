// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.internal;

import io.traio.OpenScope;
import io.traio.Scope;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Knows the live scopes of HTTP requests: others may have the same name. */
public final class RequestScopes {

    private static final Set<Scope> LIVE = ConcurrentHashMap.newKeySet();

    private RequestScopes() {}

    /**
     * Makes a scope known as that of a request until it ends.
     *
     * @param scope the scope, just opened
     */
    public static void add(OpenScope scope) {
        LIVE.add(scope);
        scope.onDone(LIVE::remove);
    }

    /**
     * Returns whether a scope is that of a request and has not ended.
     *
     * @param scope any scope
     * @return whether it is
     */
    public static boolean contains(Scope scope) {
        return LIVE.contains(scope);
    }
}
