// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestAttributesThreadLocalAccessor;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Spring's accessor of the current request, whose snapshots forget what to destroy: here a request-scoped bean that a task
 * has created is destroyed with the request.
 */
final class RequestAttributesAccessor extends RequestAttributesThreadLocalAccessor {

    @Override
    public @Nullable RequestAttributes getValue() {
        RequestAttributes current = RequestContextHolder.getRequestAttributes();
        if (current instanceof OfTask) {
            // A copy already, of a request that may be over by now.
            return current;
        }
        RequestAttributes snapshot = super.getValue();
        return snapshot instanceof ServletRequestAttributes copy && current instanceof ServletRequestAttributes request
                ? new OfTask(request, copy)
                : snapshot;
    }

    /** The attributes of a snapshot, and the destruction callbacks of the request itself. */
    private static final class OfTask extends ServletRequestAttributes {

        private final ServletRequestAttributes request;
        private final ServletRequestAttributes snapshot;

        private OfTask(ServletRequestAttributes request, ServletRequestAttributes snapshot) {
            super(snapshot.getRequest(), snapshot.getResponse());
            this.request = request;
            this.snapshot = snapshot;
        }

        @Override
        public @Nullable Object getAttribute(String name, int scope) {
            return snapshot.getAttribute(name, scope);
        }

        @Override
        public void setAttribute(String name, Object value, int scope) {
            snapshot.setAttribute(name, value, scope);
        }

        @Override
        public void removeAttribute(String name, int scope) {
            snapshot.removeAttribute(name, scope);
        }

        @Override
        public String[] getAttributeNames(int scope) {
            return snapshot.getAttributeNames(scope);
        }

        @Override
        public void registerDestructionCallback(String name, Runnable callback, int scope) {
            request.registerDestructionCallback(name, callback, scope);
        }
    }
}
