// SPDX-License-Identifier: Apache-2.0
package io.traio.sample;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** Why a request has no answer: Spring turns it into an RFC 9457 problem detail. */
public final class Problem extends ErrorResponseException {

    private static final long serialVersionUID = 1L;

    public Problem(HttpStatus status, String detail) {
        this(status, detail, null);
    }

    public Problem(HttpStatus status, String detail, @Nullable Throwable cause) {
        super(status, ProblemDetail.forStatusAndDetail(status, detail), cause);
    }

    /** Adds a property to the problem detail. */
    public Problem with(String name, Object value) {
        getBody().setProperty(name, value);
        return this;
    }
}
