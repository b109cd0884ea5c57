// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import java.util.Set;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/**
 * Recognizes failures to write to a client that has gone, by types that only servers throw. Spring's helper for this looks
 * at messages as well, and so at failures of connections to other services, which a task may have.
 */
final class DisconnectedClient {

    private static final int MAX_CAUSES = 100;

    /** Of Tomcat and of Jetty. */
    private static final Set<String> TYPES = Set.of("ClientAbortException", "EofException");

    private DisconnectedClient() {}

    static boolean isCauseOf(Throwable failure) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < MAX_CAUSES; t = t.getCause(), depth++) {
            if (t instanceof AsyncRequestNotUsableException
                    || TYPES.contains(t.getClass().getSimpleName())) {
                return true;
            }
        }
        return false;
    }
}
