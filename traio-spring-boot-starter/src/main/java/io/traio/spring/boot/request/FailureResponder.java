// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** Answers a request whose scope failed outside its handler, where no exception resolver is asked. */
@FunctionalInterface
public interface FailureResponder {

    /**
     * Writes a response that is not committed.
     *
     * @param request the request
     * @param response its response
     * @param failure what the scope of the request failed with
     * @return whether the failure was answered; if not, it is thrown to the container
     */
    boolean respond(HttpServletRequest request, HttpServletResponse response, Throwable failure);
}
