// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.internal;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The reactive request whose scope is being opened on this thread: such a request is in no thread local that listeners could
 * ask for it.
 *
 * @param method the method
 * @param route the pattern of the path; null if no handler has been chosen yet
 */
public record OpeningRequest(String method, @Nullable String route) {

    private static final ThreadLocal<@Nullable Supplier<OpeningRequest>> CURRENT = new ThreadLocal<>();

    /**
     * Returns the request whose scope is being opened on this thread.
     *
     * @return the request; null if there is none
     */
    public static @Nullable OpeningRequest current() {
        Supplier<OpeningRequest> current = CURRENT.get();
        return current != null ? current.get() : null;
    }

    /**
     * Opens the scope of a request.
     *
     * @param <T> type of the scope
     * @param request describes the request, if it is asked for
     * @param opener opens the scope
     * @return the scope
     */
    public static <T> T during(Supplier<OpeningRequest> request, Supplier<T> opener) {
        CURRENT.set(request);
        try {
            return opener.get();
        } finally {
            CURRENT.remove();
        }
    }
}
