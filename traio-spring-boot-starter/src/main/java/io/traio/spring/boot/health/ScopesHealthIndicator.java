// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.health;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import io.traio.ScopeSnapshot.TaskSnapshot;
import io.traio.Task;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Reports {@code DOWN} while there are stragglers: tasks that were cancelled, did not end in time and still run. They hold
 * on to their threads and other resources, and ignore interrupts.
 *
 * <p>Thread-safe.
 */
public class ScopesHealthIndicator extends AbstractHealthIndicator {

    private static final int MAX_NAMES = 10;

    private final List<ScopeFactory> factories;

    /**
     * Creates an indicator.
     *
     * @param factories the factories whose scopes are checked
     */
    public ScopesHealthIndicator(List<ScopeFactory> factories) {
        super("The check for stragglers failed");
        this.factories = List.copyOf(factories);
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        List<TaskSnapshot> stragglers = factories.stream()
                .flatMap(factory -> factory.scopes().stream())
                .map(Scope::snapshot)
                .flatMap(ScopesHealthIndicator::stragglers)
                .toList();
        builder.up().withDetail("stragglers", stragglers.size());
        if (!stragglers.isEmpty()) {
            builder.down()
                    .withDetail(
                            "tasks",
                            stragglers.stream()
                                    .limit(MAX_NAMES)
                                    .map(TaskSnapshot::displayName)
                                    .toList());
        }
    }

    private static Stream<TaskSnapshot> stragglers(ScopeSnapshot scope) {
        return Stream.concat(
                scope.tasks().stream().filter(task -> task.status() == Task.Status.STRAGGLING),
                scope.children().stream().flatMap(ScopesHealthIndicator::stragglers));
    }
}
