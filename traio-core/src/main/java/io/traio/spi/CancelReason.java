// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

/** Why a scope was cancelled. */
public enum CancelReason {
    /** It was cancelled by {@link io.traio.Scope#cancel()} or {@link io.traio.Scope#cancel(Throwable)}. */
    EXPLICIT,
    /** Its timeout has passed. */
    TIMEOUT,
    /** A task or the body failed. */
    FAILURE,
    /** Its parent was cancelled or ended, or the task in which it was opened was cancelled. */
    PARENT,
    /** A master task ended. */
    MASTER,
    /** Its {@linkplain io.traio.ScopePolicy policy} ended it, such as with the first success of a race. */
    POLICY,
    /** Its owner was interrupted from outside. */
    INTERRUPT,
    /** It was closed with tasks left in it, or left open by its owner. */
    CLOSE,
    /** Its factory was closed. */
    SHUTDOWN
}
