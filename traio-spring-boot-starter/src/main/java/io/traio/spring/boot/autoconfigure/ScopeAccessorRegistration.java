// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.micrometer.context.ContextRegistry;
import io.traio.spring.boot.context.ScopeThreadLocalAccessor;
import org.springframework.beans.factory.DisposableBean;

/**
 * Keeps the accessor of the current scope registered for as long as an application context wants it. The registry is that
 * of the process, so the last of several contexts takes it out again.
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
