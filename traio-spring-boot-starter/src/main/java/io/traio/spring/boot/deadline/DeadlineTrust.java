// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import jakarta.servlet.http.HttpServletRequest;

/**
 * Says whose deadline header limits the scope of a request; that of others is ignored. A bean of this type takes the place
 * of the networks that {@code traio.deadline.trusted-networks} lists.
 */
@FunctionalInterface
public interface DeadlineTrust {

    /**
     * Returns whether the deadline header of a request is taken.
     *
     * @param request the request
     * @return whether its sender is trusted
     */
    boolean isTrusted(HttpServletRequest request);
}
