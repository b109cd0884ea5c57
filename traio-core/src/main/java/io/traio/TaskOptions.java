// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a task behaves. Immutable; each {@code with} method gives a changed copy.
 *
 * <p>The flags combine freely; the README has the table.
 *
 * <p>On an {@linkplain FactoryOptions#withExecutor executor that was given}, a thread that waits may run a queued task
 * itself. It cannot leave that task behind, so {@code cancelTimeout} and {@code abandonOnCancel} do not hold for it, and
 * an interrupt that is meant for what waits reaches the task, whatever {@code interruptOnCancel} says.
 *
 * @param master the scope ends, silently, when this task ends, however it ends; with {@code bubble} a failure is raised.
 *     Default: false
 * @param bubble a failure of this task cancels the scope, which raises it; otherwise it is logged and kept in the
 *     handle only. Default: true
 * @param awaited the scope waits for this task; otherwise it is a background task, cancelled when no awaited one is
 *     left. Default: true
 * @param cancelTimeout how long the task may take to end once it is cancelled before it is reported as a
 *     {@linkplain StragglerException straggler}; null for the scope's. However long it is given, {@link
 *     ScopeOptions#FOREVER} included, the scope waits that long
 * @param abandonOnCancel cancelling ends the handle at once and the scope does not wait for the thread, which runs on:
 *     for blocking code that no interrupt reaches (Trio's {@code abandon_on_cancel}). Default: false
 * @param interruptOnCancel cancelling interrupts the thread. Switch it off for code that an interrupt would harm, such as
 *     NIO channels, which it closes. It holds for the bodies of scopes that the task opens, too. Default: true
 */
public record TaskOptions(
        boolean master,
        boolean bubble,
        boolean awaited,
        @Nullable Duration cancelTimeout,
        boolean abandonOnCancel,
        boolean interruptOnCancel) {

    /** What a task is spawned with unless it says otherwise. */
    public static final TaskOptions DEFAULT = new TaskOptions(false, true, true, null, false, true);

    /**
     * Checks the values.
     *
     * @param master {@link #master()}
     * @param bubble {@link #bubble()}
     * @param awaited {@link #awaited()}
     * @param cancelTimeout {@link #cancelTimeout()}
     * @param abandonOnCancel {@link #abandonOnCancel()}
     * @param interruptOnCancel {@link #interruptOnCancel()}
     * @throws IllegalArgumentException if {@code cancelTimeout} is zero or negative
     */
    public TaskOptions {
        if (cancelTimeout != null) {
            ScopeOptions.requirePositive(cancelTimeout, "cancelTimeout");
        }
    }

    /**
     * Changes {@link #master()}.
     *
     * @param value whether the scope ends with the task
     * @return a changed copy
     */
    public TaskOptions withMaster(boolean value) {
        return new TaskOptions(value, bubble, awaited, cancelTimeout, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Changes {@link #bubble()}.
     *
     * @param value whether a failure of the task cancels the scope
     * @return a changed copy
     */
    public TaskOptions withBubble(boolean value) {
        return new TaskOptions(master, value, awaited, cancelTimeout, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Changes {@link #awaited()}.
     *
     * @param value whether the scope waits for the task
     * @return a changed copy
     */
    public TaskOptions withAwaited(boolean value) {
        return new TaskOptions(master, bubble, value, cancelTimeout, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Changes {@link #cancelTimeout()}.
     *
     * @param value how long the task may take to end once it is cancelled
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if it is zero or negative
     */
    public TaskOptions withCancelTimeout(Duration value) {
        ScopeOptions.requirePositive(value, "cancelTimeout");
        return new TaskOptions(master, bubble, awaited, value, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Changes {@link #abandonOnCancel()}.
     *
     * @param value whether cancelling leaves the thread to itself
     * @return a changed copy
     */
    public TaskOptions withAbandonOnCancel(boolean value) {
        return new TaskOptions(master, bubble, awaited, cancelTimeout, value, interruptOnCancel);
    }

    /**
     * Changes {@link #interruptOnCancel()}.
     *
     * @param value whether cancelling interrupts the thread
     * @return a changed copy
     */
    public TaskOptions withInterruptOnCancel(boolean value) {
        return new TaskOptions(master, bubble, awaited, cancelTimeout, abandonOnCancel, value);
    }
}
