// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.health;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import io.traio.Task;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Reports {@code DOWN} while there are stragglers: tasks and bodies of scopes that were cancelled, did not end in time and
 * still run. They hold on to their threads and other resources, and ignore interrupts.
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
        List<String> tasks = new ArrayList<>();
        List<String> bodies = new ArrayList<>();
        factories.stream()
                .flatMap(factory -> factory.scopes().stream())
                .map(Scope::snapshot)
                .forEach(scope -> collect(scope, tasks, bodies));
        builder.up().withDetail("stragglers", tasks.size() + bodies.size());
        if (!tasks.isEmpty()) {
            builder.down().withDetail("tasks", first(tasks));
        }
        if (!bodies.isEmpty()) {
            builder.down().withDetail("scopes", first(bodies));
        }
    }

    private static List<String> first(List<String> names) {
        return names.stream().limit(MAX_NAMES).toList();
    }

    private static void collect(ScopeSnapshot scope, List<String> tasks, List<String> bodies) {
        if (scope.straggling()) {
            bodies.add(scope.displayName());
        }
        scope.tasks().stream()
                .filter(task -> task.status() == Task.Status.STRAGGLING)
                .forEach(task -> tasks.add(task.displayName()));
        scope.children().forEach(child -> collect(child, tasks, bodies));
    }
}
