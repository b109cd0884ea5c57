// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Limits how long the scope of a request may last. All beans of this type are called when a request arrives, and the
 * shortest answer counts; it never extends the timeout that the application has configured. The limit covers the whole
 * request, its exception handlers and its error page included. Implementations must be thread-safe.
 */
@FunctionalInterface
public interface RequestTimeoutResolver {

    /**
     * Returns how long the scope of a request may last, counted from now.
     *
     * @param request a request that has just arrived
     * @return a positive duration; null for no limit
     * @throws RuntimeException if the request is refused: it is answered as if its handler had thrown this exception, for
     *     example with the status of an {@link org.springframework.web.ErrorResponse}
     */
    @Nullable
    Duration resolve(HttpServletRequest request);
}
