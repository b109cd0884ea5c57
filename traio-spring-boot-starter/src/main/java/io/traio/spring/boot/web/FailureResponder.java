// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/** Answers a request whose scope failed after its handler had returned. */
@FunctionalInterface
interface FailureResponder {

    /** Writes a response that is not committed; false if it does not know what to answer. */
    boolean respond(HttpServletRequest request, HttpServletResponse response, Throwable failure);
}
