// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What lived in a scope when somebody asked. Names are as they were given; {@link #displayName()} is safe to print.
 *
 * @param id the scope's id
 * @param name the scope's name
 * @param state how far it had come
 * @param thread name of the thread that owns it, fit to print; null for a shared scope
 * @param openedAt when it was opened
 * @param age for how long it had been open
 * @param remaining time left until its deadline, those of its ancestors included; null if there was none
 * @param tasks its live tasks: those that its body has spawned, then those that others have, each in the order of spawning
 * @param children its live child scopes, in the order of opening
 */
public record ScopeSnapshot(
        long id,
        String name,
        Scope.State state,
        @Nullable String thread,
        Instant openedAt,
        Duration age,
        @Nullable Duration remaining,
        List<TaskSnapshot> tasks,
        List<ScopeSnapshot> children) {

    /**
     * Copies the lists.
     *
     * @param id {@link #id()}
     * @param name {@link #name()}
     * @param state {@link #state()}
     * @param thread {@link #thread()}
     * @param openedAt {@link #openedAt()}
     * @param age {@link #age()}
     * @param remaining {@link #remaining()}
     * @param tasks {@link #tasks()}
     * @param children {@link #children()}
     */
    public ScopeSnapshot {
        tasks = List.copyOf(tasks);
        children = List.copyOf(children);
    }

    /**
     * The name with control and direction characters escaped, cut to 200 characters.
     *
     * @return a name that is safe to print
     */
    public String displayName() {
        return Names.printable(name);
    }

    /**
     * Scope, tasks and children with their names fit to print.
     *
     * @return a text for people, on one line
     */
    @Override
    public String toString() {
        return "scope '" + displayName() + "' (#" + id + ") " + state + ", tasks " + tasks + ", children " + children;
    }

    /**
     * What was known of a live task.
     *
     * @param id the task's id
     * @param name the task's name
     * @param status how far it had come
     * @param options its options
     * @param age for how long it had run; zero if it had not started
     * @param thread name of the thread that ran it, fit to print; null if it had not started
     * @param stack where that thread was, innermost call first; empty if it did not run, or unless {@link Scope#dump()} was
     *     asked
     */
    public record TaskSnapshot(
            long id,
            String name,
            Task.Status status,
            TaskOptions options,
            Duration age,
            @Nullable String thread,
            List<StackTraceElement> stack) {

        /**
         * Copies the list.
         *
         * @param id {@link #id()}
         * @param name {@link #name()}
         * @param status {@link #status()}
         * @param options {@link #options()}
         * @param age {@link #age()}
         * @param thread {@link #thread()}
         * @param stack {@link #stack()}
         */
        public TaskSnapshot {
            stack = List.copyOf(stack);
        }

        /**
         * The name with control and direction characters escaped, cut to 200 characters.
         *
         * @return a name that is safe to print
         */
        public String displayName() {
            return Names.printable(name);
        }

        /**
         * The task, with its name fit to print.
         *
         * @return a text for people, on one line
         */
        @Override
        public String toString() {
            return "task '" + displayName() + "' (#" + id + ") " + status;
        }
    }
}
