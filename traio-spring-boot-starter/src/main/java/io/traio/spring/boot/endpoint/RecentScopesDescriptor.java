// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The response of the endpoint to {@code ?view=recent}: what has gone wrong lately, and how often and for how long scopes ran.
 * Names are sanitized. There are no messages of exceptions, since these hold values.
 *
 * @param since since when scopes are counted
 * @param total how many scopes are remembered
 * @param truncated whether some of them were left out
 * @param names counts and times by scope name, frequent names first
 * @param scopes the scopes that are remembered, the last first
 */
public record RecentScopesDescriptor(
        Instant since, int total, boolean truncated, List<NameDescriptor> names, List<RecentScopeDescriptor> scopes)
        implements OperationResponseBody {

    /**
     * What is counted of the scopes of one name. Times are from opening to end.
     *
     * @param name the name; {@code other} for all names that there was no room for
     * @param count how many have ended
     * @param failures how many of them have failed
     * @param timeouts how many have timed out
     * @param cancelled how many were cancelled without a failure
     * @param straggling how many had a task or a body that did not end in time after a cancellation
     * @param mean their mean time
     * @param p50 the time in which half of them have ended, at most a quarter too high
     * @param p99 the time in which 99 of 100 have ended, at most a quarter too high
     * @param max the longest time
     */
    public record NameDescriptor(
            String name,
            long count,
            long failures,
            long timeouts,
            long cancelled,
            long straggling,
            Duration mean,
            Duration p50,
            Duration p99,
            Duration max) {}

    /**
     * A scope that went wrong, or was slow.
     *
     * @param endedAt when it ended
     * @param outcome what it came to: a {@link io.traio.spi.ScopeOutcome.Kind} in lower case
     * @param slow whether it was open for longer than the threshold
     * @param duration for how long it was open
     * @param unwind the time from its cancellation to its end; null if it was not cancelled
     * @param exceptions classes of the failure and its causes; empty if there was none
     * @param failed the task that failed; null if it was not a task
     * @param root name of the root scope that it was in; null if it is one
     * @param rootId id of that scope; null if it is one
     * @param attributes what the root is for, as {@link ScopeDescriptor#attributes}, without values of the application
     * @param stragglers tasks, and bodies of scopes, that did not end in time after the cancellation
     * @param truncated whether members were left out
     * @param scope the scope with what was unfinished when it failed, timed out or was cancelled, when its first straggler
     *     was found, or when it had become slow
     */
    public record RecentScopeDescriptor(
            Instant endedAt,
            String outcome,
            boolean slow,
            Duration duration,
            @Nullable Duration unwind,
            List<String> exceptions,
            @Nullable String failed,
            @Nullable String root,
            @Nullable String rootId,
            @Nullable Map<String, String> attributes,
            List<String> stragglers,
            boolean truncated,
            ScopeDescriptor scope) {}
}
