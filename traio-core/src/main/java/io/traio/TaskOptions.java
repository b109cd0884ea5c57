// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How a task behaves. Immutable and thread-safe; each {@code with} method returns a changed copy of {@link #DEFAULT} or of
 * a copy of it.
 *
 * <p>The flags combine freely; the reference page on flags has the table.
 */
public final class TaskOptions {

    /** What a task is spawned with unless the spawner says otherwise. */
    public static final TaskOptions DEFAULT = new TaskOptions(false, true, false, true, null, false, true);

    /** A change of options, such as {@code t -> t.withMaster(true)}. */
    @FunctionalInterface
    public interface Change extends UnaryOperator<TaskOptions> {}

    private final boolean master;
    private final boolean bubble;
    private final boolean toJoin;
    private final boolean awaited;
    private final @Nullable Duration cancelTimeout;
    private final boolean abandonOnCancel;
    private final boolean interruptOnCancel;

    private TaskOptions(
            boolean master,
            boolean bubble,
            boolean toJoin,
            boolean awaited,
            @Nullable Duration cancelTimeout,
            boolean abandonOnCancel,
            boolean interruptOnCancel) {
        this.master = master;
        this.bubble = bubble;
        this.toJoin = toJoin;
        this.awaited = awaited;
        this.cancelTimeout = cancelTimeout;
        this.abandonOnCancel = abandonOnCancel;
        this.interruptOnCancel = interruptOnCancel;
    }

    /**
     * Returns whether the scope ends, silently, when this task ends, however it ends. With {@code bubble} the exit throws
     * the failure of the task. Default: false.
     *
     * @return whether the task is a master
     */
    public boolean master() {
        return master;
    }

    /**
     * Returns whether a failure of the task cancels the scope, whose exit throws it. Otherwise the failure is logged and
     * kept in the handle only. Default: true.
     *
     * @return whether a failure cancels the scope
     */
    public boolean bubble() {
        return bubble;
    }

    /**
     * Returns whether the failure of the task is for whoever joins it, however early the task fails. Such a failure does
     * not cancel the scope. If no thread has joined the task by the time the scope has nothing else to wait for, the exit of
     * the scope throws the failure; where {@code bubble} is false, it is logged instead. Default: false.
     *
     * @return whether the failure waits for a joiner
     */
    public boolean toJoin() {
        return toJoin;
    }

    /**
     * Returns whether the scope waits for the task. Otherwise it is a background task, which is cancelled when no awaited
     * task is left. Default: true.
     *
     * @return whether the scope waits for the task
     */
    public boolean awaited() {
        return awaited;
    }

    /**
     * Returns the grace period of the task: how long it may take to end once it is cancelled, before it is reported as a
     * {@linkplain StragglerException straggler}. However long it is, {@link ScopeOptions#FOREVER} included, the scope
     * waits that long. Default: null.
     *
     * @return the grace period; null for the scope's
     */
    public @Nullable Duration cancelTimeout() {
        return cancelTimeout;
    }

    /**
     * Returns whether cancelling ends the handle at once, while the thread runs on and the scope does not wait for it: for
     * blocking code that no interrupt reaches. Trio calls it {@code abandon_on_cancel}. Default: false.
     *
     * @return whether cancelling leaves the thread to itself
     */
    public boolean abandonOnCancel() {
        return abandonOnCancel;
    }

    /**
     * Returns whether cancelling interrupts the thread. False is for code that an interrupt would harm, such as NIO
     * channels, which it closes. It holds for the bodies of scopes that the task opens, too. Default: true.
     *
     * @return whether cancelling interrupts the thread
     */
    public boolean interruptOnCancel() {
        return interruptOnCancel;
    }

    /**
     * Returns a copy with another value of {@link #master()}.
     *
     * @param value whether the scope ends with the task
     * @return a changed copy
     */
    public TaskOptions withMaster(boolean value) {
        return new TaskOptions(value, bubble, toJoin, awaited, cancelTimeout, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Returns a copy with another value of {@link #bubble()}.
     *
     * @param value whether a failure of the task cancels the scope
     * @return a changed copy
     */
    public TaskOptions withBubble(boolean value) {
        return new TaskOptions(master, value, toJoin, awaited, cancelTimeout, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Returns a copy with another value of {@link #toJoin()}.
     *
     * @param value whether the failure of the task is for whoever joins it
     * @return a changed copy
     */
    public TaskOptions withToJoin(boolean value) {
        return new TaskOptions(master, bubble, value, awaited, cancelTimeout, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Returns a copy with another value of {@link #awaited()}.
     *
     * @param value whether the scope waits for the task
     * @return a changed copy
     */
    public TaskOptions withAwaited(boolean value) {
        return new TaskOptions(master, bubble, toJoin, value, cancelTimeout, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Returns a copy with another value of {@link #cancelTimeout()}.
     *
     * @param value how long the task may take to end once it is cancelled
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if the value is zero or negative
     */
    public TaskOptions withCancelTimeout(Duration value) {
        ScopeOptions.requirePositive(value, "cancelTimeout");
        return new TaskOptions(master, bubble, toJoin, awaited, value, abandonOnCancel, interruptOnCancel);
    }

    /**
     * Returns a copy with another value of {@link #abandonOnCancel()}.
     *
     * @param value whether cancelling leaves the thread to itself
     * @return a changed copy
     */
    public TaskOptions withAbandonOnCancel(boolean value) {
        return new TaskOptions(master, bubble, toJoin, awaited, cancelTimeout, value, interruptOnCancel);
    }

    /**
     * Returns a copy with another value of {@link #interruptOnCancel()}.
     *
     * @param value whether cancelling interrupts the thread
     * @return a changed copy
     */
    public TaskOptions withInterruptOnCancel(boolean value) {
        return new TaskOptions(master, bubble, toJoin, awaited, cancelTimeout, abandonOnCancel, value);
    }

    /** Returns whether the other object holds the same options. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TaskOptions that
                && master == that.master
                && bubble == that.bubble
                && toJoin == that.toJoin
                && awaited == that.awaited
                && abandonOnCancel == that.abandonOnCancel
                && interruptOnCancel == that.interruptOnCancel
                && Objects.equals(cancelTimeout, that.cancelTimeout);
    }

    @Override
    public int hashCode() {
        return Objects.hash(master, bubble, toJoin, awaited, cancelTimeout, abandonOnCancel, interruptOnCancel);
    }

    @Override
    public String toString() {
        return "TaskOptions[master=" + master + ", bubble=" + bubble + ", toJoin=" + toJoin + ", awaited=" + awaited
                + ", cancelTimeout=" + ScopeOptions.text(cancelTimeout) + ", abandonOnCancel=" + abandonOnCancel
                + ", interruptOnCancel=" + interruptOnCancel + "]";
    }
}
