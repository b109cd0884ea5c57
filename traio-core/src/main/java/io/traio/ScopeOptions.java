// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.Nanos;
import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * How a scope behaves. Immutable and thread-safe; each {@code with} method returns a changed copy of {@link #DEFAULT} or of
 * a copy of it.
 */
public final class ScopeOptions {

    /** A duration that never ends: as a timeout it means none. */
    public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    /** What a scope is opened with unless the factory or the caller says otherwise. */
    public static final ScopeOptions DEFAULT = new ScopeOptions(new Values());

    /** What {@code spawn} does when {@link ScopeOptions#maxConcurrency()} tasks have not ended yet. */
    public enum Overflow {
        /** The task waits for its turn, in order. */
        QUEUE,
        /**
         * {@code spawn} waits for a place. Called from a task or callback of the same scope, or from a scope below, it does
         * not wait, and the new task is queued: the caller might wait for itself.
         */
        BLOCK,
        /** {@code spawn} throws {@link java.util.concurrent.RejectedExecutionException}. */
        REJECT
    }

    private final @Nullable Duration timeout;
    private final Duration cancelTimeout;
    private final int maxConcurrency;
    private final Overflow overflow;
    private final @Nullable Limiter limiter;
    private final TaskOptions taskDefaults;
    private final boolean detached;
    private final boolean shielded;
    private final boolean endless;
    private final boolean observed;
    private final ScopePolicy policy;
    private final String kind;
    private final @Nullable Logger logger;

    private ScopeOptions(Values values) {
        this.timeout = values.timeout;
        this.cancelTimeout = values.cancelTimeout;
        this.maxConcurrency = values.maxConcurrency;
        this.overflow = values.overflow;
        this.limiter = values.limiter;
        this.taskDefaults = values.taskDefaults;
        this.detached = values.detached;
        this.shielded = values.shielded;
        this.endless = values.endless;
        this.observed = values.observed;
        this.policy = values.policy;
        this.kind = values.kind;
        this.logger = values.logger;
    }

    /** What a changed copy is made of. */
    private static final class Values {

        @Nullable
        Duration timeout;

        Duration cancelTimeout = Duration.ofSeconds(1);
        int maxConcurrency;
        Overflow overflow = Overflow.QUEUE;

        @Nullable
        Limiter limiter;

        TaskOptions taskDefaults = TaskOptions.DEFAULT;
        boolean detached;
        boolean shielded;
        boolean endless;
        boolean observed;
        ScopePolicy policy = ScopePolicy.allSuccessfulOrThrow();
        String kind = "scope";

        @Nullable
        Logger logger;
    }

    private Values values() {
        Values values = new Values();
        values.timeout = timeout;
        values.cancelTimeout = cancelTimeout;
        values.maxConcurrency = maxConcurrency;
        values.overflow = overflow;
        values.limiter = limiter;
        values.taskDefaults = taskDefaults;
        values.detached = detached;
        values.shielded = shielded;
        values.endless = endless;
        values.observed = observed;
        values.policy = policy;
        values.kind = kind;
        values.logger = logger;
        return values;
    }

    /**
     * Returns how long the scope may take from its opening until its tasks are done. As a default of a factory it holds
     * for scopes with an owner only: a {@linkplain ScopeOpener#openShared(String) shared} scope has the timeout that it is
     * opened with, or none. Default: null.
     *
     * @return the timeout; null for no limit
     */
    public @Nullable Duration timeout() {
        return timeout;
    }

    /**
     * Returns the grace period of the scope's body and tasks: how long they may take to end once they are cancelled,
     * unless a task says otherwise. Default: 1 s.
     *
     * @return the grace period
     */
    public Duration cancelTimeout() {
        return cancelTimeout;
    }

    /**
     * Returns how many tasks of the scope may run at once. One that waits in traio does not run: its permit is lent
     * meanwhile to a task of the scope that another thread waits for. Default: 0.
     *
     * @return the number of tasks; 0 for no limit
     */
    public int maxConcurrency() {
        return maxConcurrency;
    }

    /**
     * Returns what {@code spawn} does when the scope is full. Default: {@link Overflow#QUEUE}.
     *
     * @return what happens to one task more
     */
    public Overflow overflow() {
        return overflow;
    }

    /**
     * Returns what limits how many tasks of this and other scopes run at once, beside {@link #maxConcurrency()}; a task needs
     * a permit of both. Scopes below this one have it only if they are opened with it, too. Default: null.
     *
     * @return the limiter; null for none
     */
    public @Nullable Limiter limiter() {
        return limiter;
    }

    /**
     * Returns what the tasks of the scope are spawned with unless their spawner says otherwise: each {@code spawn} changes a
     * copy of these. A supervisor, whose tasks do not cancel each other by their failures, has {@code bubble=false} here. Not
     * inherited by scopes below. Default: {@link TaskOptions#DEFAULT}.
     *
     * @return the options of tasks
     */
    public TaskOptions taskDefaults() {
        return taskDefaults;
    }

    /**
     * Returns whether the scope is a root even where another scope is current. Default: false.
     *
     * @return whether the scope is a root
     */
    public boolean detached() {
        return detached;
    }

    /**
     * Returns whether the scope is shielded: the cancellation, the timeout and the end of what is around it do not reach it,
     * its body and its tasks. It may be opened where everything around is cancelled, such as in a {@code finally} block for a
     * piece of cleanup. Its own {@link Scope#cancel() cancel} and its {@linkplain #timeout() timeout}, which it must have, do
     * end it, and interrupts from outside come through. What was kept off arrives when the shield is left. Trio has the same
     * for its cancel scopes. Default: false.
     *
     * <pre>{@code
     * try {
     *     transfer(account);
     * } finally {
     *     scopes.run("undo", s -> s.withShielded(true).withTimeout(ofSeconds(2)), undo -> release(account));
     * }
     * }</pre>
     *
     * @return whether the scope is shielded
     */
    public boolean shielded() {
        return shielded;
    }

    /**
     * Returns whether a shared scope is meant to run until it is cancelled, as a consumer loop does. A factory that
     * {@linkplain ScopeFactory#drain drains} does not wait for such a scope, and that it was never completed is not reported
     * when its factory closes. Default: false.
     *
     * @return whether the scope is not expected to end by itself
     */
    public boolean endless() {
        return endless;
    }

    /**
     * Returns whether the opener of a shared scope looks at its outcome in any case, by a join or by {@code awaitDone},
     * however late that is. A failure is then not reported as one that no thread awaits. For integrations. Default: false.
     *
     * @return whether the failure of the scope has its place
     */
    public boolean observed() {
        return observed;
    }

    /**
     * Returns what decides whether the scope goes on when a task of it has ended. Default: {@link
     * ScopePolicy#allSuccessfulOrThrow()}.
     *
     * @return the policy
     */
    public ScopePolicy policy() {
        return policy;
    }

    /**
     * Returns what the scope is, as snapshots show it: for {@link Operators} and integrations, which open scopes for
     * others. Default: {@code scope}.
     *
     * @return the kind
     */
    public String kind() {
        return kind;
    }

    /**
     * Returns the logger of life-cycle steps. Default: null.
     *
     * @return the logger; null for the factory's
     */
    public @Nullable Logger logger() {
        return logger;
    }

    /**
     * Returns a copy with another value of {@link #timeout()}.
     *
     * @param value how long the scope may take; {@link #FOREVER} for no limit
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if the value is zero or negative
     */
    public ScopeOptions withTimeout(Duration value) {
        requirePositive(value, "timeout");
        Values changed = values();
        changed.timeout = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with no {@link #timeout()}.
     *
     * @return a changed copy
     */
    public ScopeOptions withoutTimeout() {
        Values changed = values();
        changed.timeout = null;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #cancelTimeout()}.
     *
     * @param value how long tasks may take to end once they are cancelled
     * @return a changed copy
     * @throws NullPointerException if the value is null
     * @throws IllegalArgumentException if the value is zero or negative
     */
    public ScopeOptions withCancelTimeout(Duration value) {
        requirePositive(value, "cancelTimeout");
        Values changed = values();
        changed.cancelTimeout = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #maxConcurrency()}.
     *
     * @param value how many tasks may run at once; 0 for no limit
     * @return a changed copy
     * @throws IllegalArgumentException if the value is negative
     */
    public ScopeOptions withMaxConcurrency(int value) {
        if (value < 0) {
            throw new IllegalArgumentException("maxConcurrency must not be negative, but was " + value);
        }
        Values changed = values();
        changed.maxConcurrency = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #overflow()}.
     *
     * @param value what {@code spawn} does with one task more
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public ScopeOptions withOverflow(Overflow value) {
        Objects.requireNonNull(value, "overflow");
        Values changed = values();
        changed.overflow = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #limiter()}.
     *
     * @param value from {@link Limiter#of}, shared with other scopes
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public ScopeOptions withLimiter(Limiter value) {
        Objects.requireNonNull(value, "limiter");
        Values changed = values();
        changed.limiter = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with other {@link #taskDefaults()}.
     *
     * @param change from the task defaults so far to those of the scope
     * @return a changed copy
     * @throws NullPointerException if the function or its result is null
     */
    public ScopeOptions withTaskDefaults(UnaryOperator<TaskOptions> change) {
        TaskOptions value = Objects.requireNonNull(change, "change").apply(taskDefaults);
        Objects.requireNonNull(value, "result of change");
        Values changed = values();
        changed.taskDefaults = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #detached()}.
     *
     * @param value whether the scope is a root even where another scope is current
     * @return a changed copy
     */
    public ScopeOptions withDetached(boolean value) {
        Values changed = values();
        changed.detached = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #shielded()}.
     *
     * @param value whether the scope is shielded; it then needs a {@link #timeout()}, which may be {@link #FOREVER}
     * @return a changed copy
     */
    public ScopeOptions withShielded(boolean value) {
        Values changed = values();
        changed.shielded = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #endless()}.
     *
     * @param value whether the scope is not expected to end by itself
     * @return a changed copy
     */
    public ScopeOptions withEndless(boolean value) {
        Values changed = values();
        changed.endless = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #observed()}.
     *
     * @param value whether the opener of the scope looks at its outcome in any case
     * @return a changed copy
     */
    public ScopeOptions withObserved(boolean value) {
        Values changed = values();
        changed.observed = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #policy()}.
     *
     * @param value decides whether the scope goes on when a task has ended
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public ScopeOptions withPolicy(ScopePolicy value) {
        Objects.requireNonNull(value, "policy");
        Values changed = values();
        changed.policy = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #kind()}.
     *
     * @param value what the scope is, as one of few words
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public ScopeOptions withKind(String value) {
        Objects.requireNonNull(value, "kind");
        Values changed = values();
        changed.kind = value;
        return new ScopeOptions(changed);
    }

    /**
     * Returns a copy with another value of {@link #logger()}.
     *
     * @param value where life-cycle steps are logged
     * @return a changed copy
     * @throws NullPointerException if the value is null
     */
    public ScopeOptions withLogger(Logger value) {
        Objects.requireNonNull(value, "logger");
        Values changed = values();
        changed.logger = value;
        return new ScopeOptions(changed);
    }

    /** Returns whether the other object holds the same options. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ScopeOptions that
                && Objects.equals(timeout, that.timeout)
                && cancelTimeout.equals(that.cancelTimeout)
                && maxConcurrency == that.maxConcurrency
                && overflow == that.overflow
                && Objects.equals(limiter, that.limiter)
                && taskDefaults.equals(that.taskDefaults)
                && detached == that.detached
                && shielded == that.shielded
                && endless == that.endless
                && observed == that.observed
                && policy.equals(that.policy)
                && kind.equals(that.kind)
                && Objects.equals(logger, that.logger);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                timeout,
                cancelTimeout,
                maxConcurrency,
                overflow,
                limiter,
                taskDefaults,
                detached,
                shielded,
                endless,
                observed,
                policy,
                kind,
                logger);
    }

    @Override
    public String toString() {
        return "ScopeOptions[timeout=" + text(timeout) + ", cancelTimeout=" + text(cancelTimeout) + ", maxConcurrency="
                + maxConcurrency + ", overflow=" + overflow + ", limiter=" + (limiter != null ? limiter.name() : null)
                + ", taskDefaults=" + taskDefaults + ", detached=" + detached + ", shielded=" + shielded
                + ", endless=" + endless + ", observed=" + observed + ", policy=" + policy + ", kind=" + kind
                + ", logger=" + (logger != null ? logger.getName() : null) + "]";
    }

    static String text(@Nullable Duration duration) {
        return duration != null ? Nanos.text(duration) : "none";
    }

    static Duration requirePositive(Duration value, String what) {
        Objects.requireNonNull(value, what);
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + " must be positive, but was " + Nanos.text(value));
        }
        return value;
    }
}
