// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The response of the endpoint: the live scopes. Names are sanitized, times are truncated to milliseconds.
 *
 * @param total how many root scopes there are, including those that were left out
 * @param truncated whether scopes or tasks were left out
 * @param scopes root scopes, in the order of their opening
 */
public record ScopesDescriptor(int total, boolean truncated, List<ScopeDescriptor> scopes)
        implements OperationResponseBody {

    /**
     * A scope.
     *
     * @param id its id, a number; a string because not all JSON parsers can hold a {@code long}
     * @param name its name
     * @param kind what it is: {@code scope}, or the operator that opened it, such as {@code race}
     * @param state its lifecycle state: a {@link io.traio.Scope.State} in lower case
     * @param cancelled why it was cancelled, with what the canceller has said; null if it was not
     * @param thread name of the thread that owns it; null for a shared scope
     * @param waitsFor what its owner waits for: a task, a scope, or {@code its members} in the exit; null if it runs, or waits
     *     outside of traio
     * @param openedAt when it was opened
     * @param age for how long it has been open
     * @param remaining time left until its deadline, those of its ancestors included; null if there is none
     * @param straggling whether it was cancelled and its body has not ended within the grace period
     * @param shielded whether it is shielded from the cancellation of what is around it
     * @param attributes what a root scope is for: {@code http.request.method}, {@code http.route}, {@code
     *     code.function.name}, {@code traceId} and those of {@link ScopeAttributesContributor}s; null if there are none
     * @param omitted how many of its tasks and child scopes were left out; null if none
     * @param tasks its tasks, in the order of spawning
     * @param children its child scopes, in the order of opening
     */
    public record ScopeDescriptor(
            String id,
            String name,
            String kind,
            String state,
            @Nullable String cancelled,
            @Nullable String thread,
            @Nullable String waitsFor,
            Instant openedAt,
            Duration age,
            @Nullable Duration remaining,
            boolean straggling,
            boolean shielded,
            @Nullable Map<String, String> attributes,
            @Nullable Integer omitted,
            List<TaskDescriptor> tasks,
            List<ScopeDescriptor> children) {}

    /**
     * A task.
     *
     * @param id its id
     * @param name its name
     * @param state its lifecycle state: a {@link io.traio.Task.Status} in lower case
     * @param master whether the scope ends with it
     * @param bubble whether its failure cancels the scope
     * @param toJoin whether its failure is for the code that joins it
     * @param awaited whether the scope waits for it
     * @param age for how long it has run; zero if it has not started
     * @param thread name of the thread that runs it; null if it has not started
     * @param waitsFor what it waits for: a task, a scope, a permit or a thread; null if it runs, or waits outside of traio
     * @param stack the stack trace of that thread, innermost call first, at most 100 calls; null if it is not shown
     */
    public record TaskDescriptor(
            String id,
            String name,
            String state,
            boolean master,
            boolean bubble,
            boolean toJoin,
            boolean awaited,
            Duration age,
            @Nullable String thread,
            @Nullable String waitsFor,
            @Nullable List<String> stack) {}
}
