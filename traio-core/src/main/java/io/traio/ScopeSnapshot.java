// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.Names;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What lived in a scope at one moment. Immutable and thread-safe. Names are as they were given; {@link #displayName()} is
 * sanitized. Made by {@link Scope#snapshot()} and {@link Scope#dump()}; other implementations are for tests.
 */
public interface ScopeSnapshot {

    /**
     * Returns the id of the scope.
     *
     * @return the id
     */
    long id();

    /**
     * Returns the name of the scope, as it was given.
     *
     * @return the name
     */
    String name();

    /**
     * Returns the name with control and direction characters escaped, cut to 200 characters.
     *
     * @return a name that is safe to print
     */
    default String displayName() {
        return Names.printable(name());
    }

    /**
     * Returns what the scope is: {@code scope}, or the operator that opened it, such as {@code race}.
     *
     * @return the kind
     * @see ScopeOptions#kind()
     */
    String kind();

    /**
     * Returns the lifecycle state of the scope.
     *
     * @return the state
     */
    Scope.State state();

    /**
     * Returns why the scope was cancelled, for people: the {@linkplain io.traio.spi.CancelReason reason} in lower case, and
     * {@link Scope#cancel(String) what the canceller has said}. It is safe to print.
     *
     * @return such as {@code timeout} or {@code explicit: client went away}; null if the scope was not cancelled
     */
    @Nullable
    String cancelled();

    /**
     * Returns whether the scope was cancelled and its body has not ended within the grace period.
     *
     * @return whether the body straggles
     */
    boolean straggling();

    /**
     * Returns whether the scope is {@linkplain ScopeOptions#shielded() shielded} from the cancellation of what is around it.
     *
     * @return whether the scope is shielded
     */
    boolean shielded();

    /**
     * Returns whether the scope is {@linkplain ScopeOptions#endless() meant to run} until the application ends.
     *
     * @return whether the scope is endless
     */
    boolean endless();

    /**
     * Returns the sanitized name of the thread that owns the scope.
     *
     * @return the name of the owner; null for a shared scope
     */
    @Nullable
    String thread();

    /**
     * Returns what the owner waited for: a task, a scope, or the members of this one in its exit. Its name is sanitized.
     *
     * @return such as {@code task 'alpha' (#8)} or {@code its members}; null if the owner ran, or waited outside of traio
     */
    @Nullable
    String waitsFor();

    /**
     * Returns when the scope was opened.
     *
     * @return the time of the opening
     */
    Instant openedAt();

    /**
     * Returns for how long the scope had been open.
     *
     * @return the age
     */
    Duration age();

    /**
     * Returns the time that was left until the deadline of the scope, those of its ancestors included.
     *
     * @return the time left; null if there was no deadline
     */
    @Nullable
    Duration remaining();

    /**
     * Returns the live tasks: those that the body has spawned, then those that others have, each in the order of spawning.
     *
     * @return an immutable list
     */
    List<TaskSnapshot> tasks();

    /**
     * Returns the live child scopes, in the order of opening.
     *
     * @return an immutable list
     */
    List<ScopeSnapshot> children();

    /**
     * Returns how many live tasks and child scopes of this scope were left out because of a {@linkplain Scope#snapshot(int)
     * limit}. Approximate where there are more than 10,000 of them.
     *
     * @return zero if all are there
     */
    int omitted();

    /** What was known of a live task at one moment. Immutable and thread-safe. */
    interface TaskSnapshot {

        /**
         * Returns the id of the task.
         *
         * @return the id
         */
        long id();

        /**
         * Returns the name of the task, as it was given.
         *
         * @return the name
         */
        String name();

        /**
         * Returns the name with control and direction characters escaped, cut to 200 characters.
         *
         * @return a name that is safe to print
         */
        default String displayName() {
            return Names.printable(name());
        }

        /**
         * Returns the lifecycle status of the task.
         *
         * @return the status
         */
        Task.Status status();

        /**
         * Returns the options of the task.
         *
         * @return the options
         */
        TaskOptions options();

        /**
         * Returns for how long the task had run.
         *
         * @return the age; zero if the task had not started
         */
        Duration age();

        /**
         * Returns the sanitized name of the thread that ran the task.
         *
         * @return the name of the thread; null if the task had not started
         */
        @Nullable
        String thread();

        /**
         * Returns what the task waited for: another task, a scope, or, before its start, a permit or a thread. Names are
         * sanitized.
         *
         * @return such as {@code task 'alpha' (#8)} or {@code permit of limiter 'database'}; null if the task ran, or waited
         *     outside of traio
         */
        @Nullable
        String waitsFor();

        /**
         * Returns where that thread was, innermost call first.
         *
         * @return an immutable list; empty if the task did not run, and unless {@link Scope#dump()} was asked
         */
        List<StackTraceElement> stack();
    }
}
