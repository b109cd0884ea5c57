// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

/** A scope that has ended or is ending was asked to spawn or fork. In cancelled code it is a cancellation signal. */
public final class SpawnRefusedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception.
     *
     * @param message names the scope, its state and what it refuses
     */
    public SpawnRefusedException(String message) {
        super(message);
    }
}
