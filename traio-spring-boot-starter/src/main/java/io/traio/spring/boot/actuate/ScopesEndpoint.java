// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import io.traio.spring.boot.actuate.ScopesDescriptor.ScopeDescriptor;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * Shows the scopes that live now, and cancels them where {@code management.endpoint.scopes.access} is
 * {@code unrestricted}. Arguments, results and context of tasks are not shown, and their stack traces only as
 * {@code management.endpoint.scopes.show-stacks} says.
 *
 * <p>Safe for use by several threads.
 */
@Endpoint(id = "scopes", defaultAccess = Access.READ_ONLY)
public class ScopesEndpoint {

    private static final Logger logger = LoggerFactory.getLogger(ScopesEndpoint.class);

    private final List<ScopeFactory> factories;
    private final Show showStacks;

    /**
     * Makes an endpoint.
     *
     * @param factories whose scopes to show
     * @param showStacks whether the detail of a scope has the stack traces of its tasks. Where nobody knows who asks, as
     *     over JMX, he counts as authorized
     */
    public ScopesEndpoint(List<ScopeFactory> factories, Show showStacks) {
        this.factories = List.copyOf(factories);
        this.showStacks = showStacks;
    }

    /**
     * Shows the scopes that live now. No more than 100 levels of child scopes are shown.
     *
     * @param name if given, only scopes that have this in their name, in upper or lower case, with all that is in them,
     *     and the scopes above them
     * @param limit how many scopes to show, from 1 to 10,000; of tasks five times as many are shown. Default: 200
     * @return the scopes
     * @throws InvalidEndpointRequestException if the limit is out of its range
     */
    @ReadOperation
    public ScopesDescriptor scopes(@Nullable String name, @Nullable Integer limit) {
        return scopes(name, treesFor(limit));
    }

    /** What {@link #scopes(String, Integer)} gives, as a tree of text. */
    String text(@Nullable String name, @Nullable Integer limit) {
        ScopeTrees trees = treesFor(limit);
        return ScopesText.of(scopes(name, trees), trees.isLimitReached());
    }

    private static ScopeTrees treesFor(@Nullable Integer limit) {
        int scopes = limit == null ? ScopeTrees.DEFAULT_LIMIT : limit;
        if (scopes < 1 || scopes > ScopeTrees.MAX_LIMIT) {
            throw new InvalidEndpointRequestException(
                    "limit was " + limit, "limit must be from 1 to " + ScopeTrees.MAX_LIMIT);
        }
        return new ScopeTrees(scopes);
    }

    private ScopesDescriptor scopes(@Nullable String name, ScopeTrees trees) {
        List<List<Scope>> live = factories.stream().map(ScopeFactory::scopes).toList();
        List<ScopeSnapshot> roots = live.stream()
                // One more than fit, so that the cut is noticed.
                .flatMap(scopes -> name == null ? scopes.stream().limit(trees.limit() + 1L) : scopes.stream())
                .map(Scope::tasks)
                .flatMap(root -> name == null ? Stream.of(root) : ScopeTrees.matching(root, name).stream())
                .sorted(Comparator.comparing(ScopeSnapshot::openedAt))
                .toList();
        int total = name == null ? live.stream().mapToInt(List::size).sum() : roots.size();
        List<ScopeDescriptor> described = trees.describe(roots);
        return new ScopesDescriptor(total, trees.truncated(), described);
    }

    /**
     * Shows one scope, a root or a descendant; at most 200 scopes and 1,000 tasks in all.
     *
     * @param id the id of the scope
     * @return the scope; null if no scope that lives now has this id
     */
    @ReadOperation
    public @Nullable ScopeDetailDescriptor scope(@Selector String id) {
        return scope(id, showStacks.isShown(/* unauthorizedResult= */ true));
    }

    @Nullable
    ScopeDetailDescriptor scope(String id, boolean stacks) {
        ScopeTrees trees = new ScopeTrees(ScopeTrees.DEFAULT_LIMIT);
        return find(id).map(scope -> stacks ? scope.dump() : scope.tasks())
                .map(scope -> trees.describe(List.of(scope)).get(0))
                .map(scope -> new ScopeDetailDescriptor(trees.truncated(), scope))
                .orElse(null);
    }

    /**
     * Cancels a scope, a root or a descendant. Its exit raises an exception that says so. Does not wait, and does nothing
     * to a scope that is cancelled already.
     *
     * @param id the id of the scope
     * @return a sentence that says so
     * @throws InvalidEndpointRequestException if no scope that lives now has this id
     */
    @DeleteOperation
    public String cancel(@Selector String id) {
        if (!cancel(id, null)) {
            throw new InvalidEndpointRequestException("No live scope has this id", "no live scope has this id");
        }
        return "Cancelled scope " + id;
    }

    /**
     * Cancels a scope.
     *
     * @param id the id of the scope
     * @param user who asks for it, fit to print; null if nobody knows
     * @return whether there is such a scope
     */
    boolean cancel(String id, @Nullable String user) {
        Optional<Scope> found = find(id);
        found.ifPresent(scope -> {
            logger.info(
                    "Cancelling scope {} ({}), asked for over the scopes endpoint by {}",
                    scope.id(),
                    scope,
                    user == null ? "an unknown user" : user);
            if (!scope.isCancelled()) {
                scope.cancel(new EndpointCancelledException(scope.toString()));
            }
        });
        return found.isPresent();
    }

    private Optional<Scope> find(String id) {
        try {
            long number = Long.parseLong(id);
            return factories.stream()
                    .flatMap(factory -> factory.find(number).stream())
                    .filter(scope -> scope.state() != Scope.State.CLOSED)
                    .findFirst();
        } catch (NumberFormatException notAnId) {
            return Optional.empty();
        }
    }
}
