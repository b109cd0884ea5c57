// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

/** A scope was still open when the code ended that had opened it, or a scope around it was closed. */
final class LeftOpenException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    LeftOpenException(String message) {
        super(message);
    }
}
