// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.ScopeOpener.VoidBody;
import java.util.function.UnaryOperator;

/** Ways to have a scope around a piece of code, and to leave it. */
enum Way {
    RUN {
        @Override
        void in(ScopeOpener scopes, String name, UnaryOperator<ScopeOptions> options, VoidBody body) {
            scopes.run(name, options, body);
        }
    },
    CALL {
        @Override
        void in(ScopeOpener scopes, String name, UnaryOperator<ScopeOptions> options, VoidBody body) {
            scopes.call(name, options, scope -> {
                body.run(scope);
                return "value";
            });
        }
    },
    /** A try-with-resources statement with a join at its end. */
    OPEN {
        @Override
        void in(ScopeOpener scopes, String name, UnaryOperator<ScopeOptions> options, VoidBody body) throws Exception {
            try (OpenScope scope = scopes.open(name, options)) {
                body.run(scope);
                scope.join();
            }
        }
    };

    abstract void in(ScopeOpener scopes, String name, UnaryOperator<ScopeOptions> options, VoidBody body)
            throws Exception;

    void in(ScopeOpener scopes, String name, VoidBody body) throws Exception {
        in(scopes, name, UnaryOperator.identity(), body);
    }
}
