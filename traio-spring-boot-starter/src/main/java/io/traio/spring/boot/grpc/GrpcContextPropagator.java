// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.grpc;

import io.grpc.Context;
import io.traio.Scope;
import io.traio.spi.ContextPropagator;
import org.jspecify.annotations.Nullable;

/**
 * Carries {@link Context} into tasks. Tasks in the scope of a call get the context as it is. Others outlive the call, whose end
 * would cancel what they do: they get its values, but neither its deadline nor its cancellation.
 *
 * <p>Thread-safe.
 */
public final class GrpcContextPropagator implements ContextPropagator {

    /** Creates a propagator. */
    public GrpcContextPropagator() {}

    @Override
    public @Nullable Snapshot capture() {
        Context captured = Context.current();
        return captured != Context.ROOT ? new Captured(captured) : null;
    }

    private record Captured(Context context) implements Snapshot {

        @Override
        public Restorer set() {
            CallHandling<?, ?> call = CallHandling.CURRENT.get(context);
            boolean within = call == null || call.contains(Scope.peek().orElse(null));
            Context set = within ? context : context.fork();
            Context before = set.attach();
            return () -> set.detach(before);
        }
    }
}
