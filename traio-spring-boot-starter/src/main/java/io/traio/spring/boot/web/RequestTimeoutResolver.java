// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says how long the scope of a request may last. All beans of this type are asked when a request arrives, and the shortest
 * answer counts; it is never longer than what the application allows by its properties. The time that it gives is that of
 * the whole request, its exception handlers and its error page included. Called by the threads of many requests.
 */
@FunctionalInterface
public interface RequestTimeoutResolver {

    /**
     * Says how long the scope of a request may last, counted from now.
     *
     * @param request a request that has just arrived
     * @return a positive duration; null for no opinion
     * @throws RuntimeException if the request is to be refused: it is answered as if its handler had thrown this, by the
     *     status of an {@link org.springframework.web.ErrorResponse} for example
     */
    @Nullable
    Duration resolve(HttpServletRequest request);
}
