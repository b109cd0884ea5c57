// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

/**
 * Limits how long the scope of a reactive request may last: what {@link RequestTimeoutResolver} is for servlets.
 * Implementations must be thread-safe, and must not block.
 */
@FunctionalInterface
public interface ReactiveRequestTimeoutResolver {

    /**
     * Returns how long the scope of a request may last, counted from now.
     *
     * @param exchange a request that has just arrived
     * @return a positive duration; null for no limit
     * @throws RuntimeException if the request is refused: no handler is called, and the application's error page answers, with
     *     the status of the exception if it is an {@link org.springframework.web.ErrorResponse}
     */
    @Nullable
    Duration resolve(ServerWebExchange exchange);
}
