// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import io.traio.spi.CancellationSignal;
import java.util.Set;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/**
 * Recognizes failures to write to a client that has gone, by types that only servers throw. Spring's helper for this looks
 * at messages as well, and so at failures of connections to other services, which a task may have.
 *
 * <p>The request of such a client is cancelled, and tasks that go on to write fail by this: that is the signal of the
 * cancellation.
 */
public final class DisconnectedClient implements CancellationSignal {

    private static final DisconnectedClient INSTANCE = new DisconnectedClient();
    private static final int MAX_CAUSES = 100;

    /** Of Tomcat and of Jetty. */
    private static final Set<String> TYPES = Set.of("ClientAbortException", "EofException");

    /** Creates a signal. */
    public DisconnectedClient() {}

    @Override
    public boolean isSignal(Throwable thrown) {
        return thrown instanceof AsyncRequestNotUsableException
                || TYPES.contains(thrown.getClass().getSimpleName());
    }

    static boolean isCauseOf(Throwable failure) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < MAX_CAUSES; t = t.getCause(), depth++) {
            if (INSTANCE.isSignal(t)) {
                return true;
            }
        }
        return false;
    }
}
