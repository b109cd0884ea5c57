// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * Says whose deadline header limits the scope of a WebFlux request: what {@link DeadlineTrust} is for servlets. A bean of this
 * type takes the place of the networks that {@code traio.deadline.trusted-networks} lists.
 */
@FunctionalInterface
public interface ReactiveDeadlineTrust {

    /**
     * Returns whether the deadline header of a request is taken.
     *
     * @param request the request
     * @return whether its sender is trusted
     */
    boolean isTrusted(ServerHttpRequest request);
}
