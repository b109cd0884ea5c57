// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc;

import io.traio.Scope;
import io.traio.spring.boot.endpoint.RootAttributes;
import io.traio.spring.boot.endpoint.ScopeAttributesContributor;
import java.util.function.BiConsumer;

/** Says which method of which service a root scope belongs to. */
public final class GrpcAttributes implements ScopeAttributesContributor {

    /** Creates a contributor. */
    public GrpcAttributes() {}

    @Override
    public void contribute(Scope root, BiConsumer<String, String> attributes) {
        CallHandling<?, ?> call = CallHandling.CURRENT.get();
        if (call != null) {
            attributes.accept(RootAttributes.RPC_METHOD, call.method());
        }
    }
}
