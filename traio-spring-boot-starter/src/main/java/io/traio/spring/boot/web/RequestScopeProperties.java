// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** The scope of a servlet request. */
@ConfigurationProperties("traio.web.request-scope")
final class RequestScopeProperties {

    /** Whether a servlet request has a scope of its own. */
    private boolean enabled = true;

    /** How long the scope of a request may last, counted from the arrival of the request. By default as long as any scope. */
    private @Nullable Duration timeout;

    /** What happens to tasks that are left when the request has been handled. */
    private AtEnd atEnd = AtEnd.JOIN;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public @Nullable Duration getTimeout() {
        return timeout;
    }

    public void setTimeout(@Nullable Duration timeout) {
        this.timeout = timeout;
    }

    public AtEnd getAtEnd() {
        return atEnd;
    }

    public void setAtEnd(AtEnd atEnd) {
        this.atEnd = atEnd;
    }

    /** What happens to tasks that are left when the request has been handled. */
    enum AtEnd {
        /** They are waited for. */
        JOIN,
        /** They are cancelled, and then waited for. */
        CANCEL
    }

    /** Checks the values: not while binding, since this way the failure names the property. */
    RequestScopeProperties validated() {
        if (timeout != null && (timeout.isZero() || timeout.isNegative())) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.web.request-scope.timeout", timeout, "It must be longer than zero.");
        }
        return this;
    }
}
