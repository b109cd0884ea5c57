// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

/** Why a scope was cancelled. */
public enum CancelReason {
    /** By {@link io.traio.Scope#cancel()} or {@link io.traio.Scope#cancel(Throwable)}. */
    EXPLICIT,
    /** Its timeout has passed. */
    TIMEOUT,
    /** A task or the body failed. */
    FAILURE,
    /** The parent was cancelled or ended, or the task that had opened the scope was cancelled. */
    PARENT,
    /** A master task ended. */
    MASTER,
    /** The thread that owns the scope was interrupted from outside. */
    INTERRUPT,
    /** It was closed with tasks left in it. */
    CLOSE,
    /** The factory was closed. */
    SHUTDOWN
}
