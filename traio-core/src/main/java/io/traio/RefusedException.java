// SPDX-License-Identifier: Apache-2.0
package io.traio;

/** A scope that has ended or is ending was asked to spawn or fork. In cancelled code it is news of the cancellation. */
final class RefusedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
        super(message);
    }
}
