// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation.autoconfigure;

import io.micrometer.context.ContextRegistry;
import io.traio.spring.boot.propagation.ScopeThreadLocalAccessor;
import org.springframework.beans.factory.DisposableBean;

/**
 * Keeps the accessor of the current scope registered while an application context lives. The registry belongs to the
 * process, so the last of several contexts removes the accessor.
 */
final class ScopeAccessorRegistration implements DisposableBean {

    private static int contexts;

    ScopeAccessorRegistration() {
        synchronized (ScopeAccessorRegistration.class) {
            if (contexts++ == 0) {
                ContextRegistry.getInstance().registerThreadLocalAccessor(new ScopeThreadLocalAccessor());
            }
        }
    }

    @Override
    public void destroy() {
        synchronized (ScopeAccessorRegistration.class) {
            if (--contexts == 0) {
                ContextRegistry.getInstance().removeThreadLocalAccessor((Object) ScopeThreadLocalAccessor.KEY);
            }
        }
    }
}
