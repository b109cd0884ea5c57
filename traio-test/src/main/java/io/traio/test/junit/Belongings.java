// SPDX-License-Identifier: Apache-2.0
package io.traio.test.junit;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import io.traio.Task;
import io.traio.test.ScopeTree;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one test was given, and what lived before it. Used by one thread at a time, as JUnit calls the extension. */
final class Belongings {

    /** Longer than any grace period that a test sets: cancelled tasks that do not end are stragglers then. */
    private static final Duration GRACE = Duration.ofDays(1);

    private static final Duration STEP = Duration.ofMillis(5);

    private final Set<ScopeFactory> ofApplication = new LinkedHashSet<>();
    private final Set<Long> livedBefore = new HashSet<>();
    private @Nullable ScopeFactory factory;
    private @Nullable TestClock clock;

    TestClock clock() {
        if (clock == null) {
            clock = new TestClock();
        }
        return clock;
    }

    ScopeFactory factory(boolean clocked) {
        if (factory == null) {
            factory = ScopeFactory.create(
                    clocked || clock != null ? f -> f.withTimeSource(clock()) : UnaryOperator.identity());
        }
        return factory;
    }

    /**
     * Notes what lives.
     *
     * @param inFields factories of the test
     * @param inContext factories of its application context, which may be another one, or closed, after the test
     */
    void begin(Collection<ScopeFactory> inFields, Collection<ScopeFactory> inContext) {
        ofApplication.addAll(inContext);
        Stream.concat(inFields.stream(), inContext.stream())
                .flatMap(each -> each.scopes().stream())
                .forEach(scope -> livedBefore.addAll(Left.idsIn(scope.snapshot())));
    }

    /** Fails if something was left, after it has cancelled that; and closes what the test was given. */
    void end(Collection<ScopeFactory> inFields, Duration patience) {
        Set<ScopeFactory> factories = new LinkedHashSet<>(ofApplication);
        factories.addAll(inFields);
        if (factory != null) {
            factories.add(factory);
        }
        Left left = await(factories, patience);
        AssertionError error = left.isEmpty() ? null : new AssertionError(left.toString());
        if (error != null) {
            factories.forEach(each -> cancel(each, left));
        }
        if (factory != null) {
            if (clock != null && error != null) {
                clock.advance(GRACE);
            }
            factory.close();
        }
        if (error != null) {
            throw error;
        }
    }

    private Left await(Set<ScopeFactory> factories, Duration patience) {
        long start = System.nanoTime();
        Left left = look(factories);
        while (!left.isEmpty() && System.nanoTime() - start < patience.toNanos()) {
            try {
                Thread.sleep(STEP.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return left;
            }
            left = look(factories);
        }
        return left;
    }

    private Left look(Collection<ScopeFactory> factories) {
        List<Scope> roots =
                factories.stream().flatMap(each -> each.scopes().stream()).toList();
        if (roots.isEmpty()) {
            return Left.NOTHING;
        }
        List<ScopeSnapshot> dumps = roots.stream().map(Scope::dump).toList();
        return Left.of(dumps, livedBefore);
    }

    private static void cancel(ScopeFactory factory, Left left) {
        for (long id : left.scopes()) {
            factory.find(id).ifPresent(scope -> scope.cancel("left behind by a test"));
        }
    }

    /** What a test has left: the trees in which it is, and the ids of the scopes in there that are new. */
    private record Left(List<ScopeSnapshot> trees, Set<Long> scopes, Set<Long> stragglers) {

        static final Left NOTHING = new Left(List.of(), Set.of(), Set.of());

        static Left of(List<ScopeSnapshot> roots, Set<Long> before) {
            Set<Long> scopes = new LinkedHashSet<>();
            Set<Long> stragglers = new LinkedHashSet<>();
            List<ScopeSnapshot> trees = roots.stream()
                    .filter(root -> {
                        int size = scopes.size() + stragglers.size();
                        collect(root, scopes, stragglers);
                        scopes.removeAll(before);
                        stragglers.removeAll(before);
                        return scopes.size() + stragglers.size() > size;
                    })
                    .toList();
            return new Left(trees, scopes, stragglers);
        }

        /** The ids of the scopes; those of stragglers are negated, since a scope may live before it straggles. */
        static Set<Long> idsIn(ScopeSnapshot root) {
            Set<Long> ids = new HashSet<>();
            collect(root, ids, ids);
            return ids;
        }

        private static void collect(ScopeSnapshot scope, Set<Long> scopes, Set<Long> stragglers) {
            if (scope.state() != Scope.State.STRAGGLING && scope.state() != Scope.State.CLOSED) {
                scopes.add(scope.id());
            }
            if (scope.straggling()) {
                stragglers.add(-scope.id());
            }
            for (ScopeSnapshot.TaskSnapshot task : scope.tasks()) {
                if (task.status() == Task.Status.STRAGGLING) {
                    stragglers.add(-task.id());
                }
            }
            scope.children().forEach(child -> collect(child, scopes, stragglers));
        }

        boolean isEmpty() {
            return scopes.isEmpty() && stragglers.isEmpty();
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("The test left behind ");
            if (!scopes.isEmpty()) {
                text.append(count(scopes.size(), "scope that lives", "scopes that live"))
                        .append(" (join or close each, or complete it and wait for its end)");
            }
            if (!stragglers.isEmpty()) {
                text.append(scopes.isEmpty() ? "" : " and ")
                        .append(count(stragglers.size(), "straggler", "stragglers"))
                        .append(" (cancelled code that did not end: let it react to interrupts, or check"
                                + " Scope.checkCancelled)");
            }
            return text.append(":\n").append(ScopeTree.of(trees)).toString();
        }

        private static String count(int n, String one, String many) {
            return n == 1 ? "a " + one : n + " " + many;
        }
    }
}
