// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the endpoint answers: the scopes that live now. Names are fit to print, times are cut to milliseconds.
 *
 * @param total how many root scopes there are, those that were left out included
 * @param truncated whether something was left out
 * @param scopes root scopes, in the order of their opening
 */
public record ScopesDescriptor(int total, boolean truncated, List<ScopeDescriptor> scopes)
        implements OperationResponseBody {

    /**
     * A scope.
     *
     * @param id its id, which is a number; a string since not all readers of JSON can hold a {@code long}
     * @param name its name
     * @param state how far it has come: a {@link io.traio.Scope.State} in lower case
     * @param thread name of the thread that owns it; null for a shared scope
     * @param openedAt when it was opened
     * @param age for how long it has been open
     * @param remaining time left until its deadline, those of its ancestors included; null if there is none
     * @param tasks its tasks, in the order of spawning
     * @param children its child scopes, in the order of opening
     */
    public record ScopeDescriptor(
            String id,
            String name,
            String state,
            @Nullable String thread,
            Instant openedAt,
            Duration age,
            @Nullable Duration remaining,
            List<TaskDescriptor> tasks,
            List<ScopeDescriptor> children) {}

    /**
     * A task.
     *
     * @param id its id
     * @param name its name
     * @param state how far it has come: a {@link io.traio.Task.Status} in lower case
     * @param master whether the scope ends with it
     * @param bubble whether its failure cancels the scope
     * @param awaited whether the scope waits for it
     * @param age for how long it has run; zero if it has not started
     * @param thread name of the thread that runs it; null if it has not started
     * @param stack where that thread is, innermost call first, at most 100 calls; null if it is not to be shown
     */
    public record TaskDescriptor(
            String id,
            String name,
            String state,
            boolean master,
            boolean bubble,
            boolean awaited,
            Duration age,
            @Nullable String thread,
            @Nullable List<String> stack) {}
}
