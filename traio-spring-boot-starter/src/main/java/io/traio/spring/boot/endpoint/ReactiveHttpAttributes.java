// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.spring.boot.internal.OpeningRequest;
import java.util.function.BiConsumer;

/** Says which WebFlux request a root scope belongs to: the method, and the pattern of the path, but never the path itself. */
public final class ReactiveHttpAttributes implements ScopeAttributesContributor {

    @Override
    public void contribute(Scope root, BiConsumer<String, String> attributes) {
        OpeningRequest request = OpeningRequest.current();
        if (request != null) {
            attributes.accept(RootAttributes.METHOD, request.method());
            if (request.route() != null) {
                attributes.accept(RootAttributes.ROUTE, request.route());
            }
        }
    }
}
