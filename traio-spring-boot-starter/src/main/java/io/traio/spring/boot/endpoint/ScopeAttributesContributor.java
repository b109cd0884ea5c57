// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import java.util.function.BiConsumer;

/**
 * Says what a root scope is for, to people who look at the endpoint {@code scopes}: a tenant, an order, a job. Beans of this
 * type are asked when a root scope is opened, and when the endpoint is exposed.
 *
 * <p>Values are shown as {@code management.endpoint.scopes.show-values} allows; by default they are not. Implementations must
 * be thread-safe and fast.
 */
@FunctionalInterface
public interface ScopeAttributesContributor {

    /**
     * Adds attributes of a root scope, from what the thread that opens it knows: the request, the security context, a span.
     *
     * @param root the scope, which is being opened
     * @param attributes takes a key and its value; a later value of the same key replaces the one before
     */
    void contribute(Scope root, BiConsumer<String, String> attributes);
}
