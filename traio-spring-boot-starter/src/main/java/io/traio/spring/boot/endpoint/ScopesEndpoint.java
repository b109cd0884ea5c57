// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import io.traio.spring.boot.factory.OperatorCancelledException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * Shows the live scopes, and cancels them where {@code management.endpoint.scopes.access} is {@code unrestricted}.
 * Arguments, results and context of tasks are not shown. Their stack traces are shown as
 * {@code management.endpoint.scopes.show-stacks} allows.
 *
 * <p>Thread-safe.
 */
@Endpoint(id = "scopes", defaultAccess = Access.READ_ONLY)
public class ScopesEndpoint {

    private static final Logger logger = LoggerFactory.getLogger(ScopesEndpoint.class);

    private static final int MAX_REASON = 150;
    private static final int DEFAULT_RECENT = 20;
    private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");

    private final List<ScopeFactory> factories;
    private final Show showStacks;
    private final @Nullable RecentScopes recent;
    private final @Nullable RootAttributes attributes;

    /**
     * Creates an endpoint.
     *
     * @param factories the factories whose scopes are shown
     * @param showStacks whether the detail of a scope has the stack traces of its tasks. A caller who cannot be identified,
     *     as over JMX, counts as authorized
     */
    public ScopesEndpoint(List<ScopeFactory> factories, Show showStacks) {
        this(factories, showStacks, null, null);
    }

    /**
     * Creates an endpoint that remembers what went wrong.
     *
     * @param factories the factories whose scopes are shown
     * @param showStacks as {@link #ScopesEndpoint(List, Show)}
     * @param recent what remembers it, a listener of these factories; null if nothing does
     * @param attributes what root scopes are for, a listener of these factories; null if that is unknown
     */
    public ScopesEndpoint(
            List<ScopeFactory> factories,
            Show showStacks,
            @Nullable RecentScopes recent,
            @Nullable RootAttributes attributes) {
        this.attributes = attributes;
        this.factories = List.copyOf(factories);
        this.showStacks = showStacks;
        this.recent = recent;
    }

    /**
     * Returns what a view shows.
     *
     * @param name as {@link #scopes(String, Integer)}; for recent scopes the name of their root will do
     * @param limit as {@link #scopes(String, Integer)}; of recent scopes, how many to show, from 1 to 100. Default: 20
     * @param view {@code live}, which is the default, or {@code recent}
     * @return {@link ScopesDescriptor} or {@link RecentScopesDescriptor}
     * @throws InvalidEndpointRequestException if the limit is out of range, or there is no such view
     */
    @ReadOperation
    @RegisterReflectionForBinding({ScopesDescriptor.class, RecentScopesDescriptor.class})
    public OperationResponseBody scopes(@Nullable String name, @Nullable Integer limit, @Nullable String view) {
        return isRecent(view) ? recent(name, limit) : scopes(name, limit);
    }

    private boolean isRecent(@Nullable String view) {
        if (view == null || view.equals("live")) {
            return false;
        }
        if (!view.equals("recent")) {
            throw new InvalidEndpointRequestException("view was not known", "view must be live or recent");
        }
        return true;
    }

    /**
     * Returns the scopes that went wrong lately or were slow, the last first, and counts of all that have ended.
     *
     * @param name if given, only scopes whose name, or that of their root, contains it, ignoring case
     * @param limit how many scopes to show, from 1 to 100. Default: 20
     * @return what is remembered
     * @throws InvalidEndpointRequestException if the limit is out of range, or nothing is remembered
     */
    RecentScopesDescriptor recent(@Nullable String name, @Nullable Integer limit) {
        if (recent == null) {
            throw new InvalidEndpointRequestException(
                    "Recent scopes are not remembered", "management.endpoint.scopes.recent.enabled is false");
        }
        return recent.describe(name, limit(limit, DEFAULT_RECENT, RecentScopes.MAX_TREES));
    }

    /**
     * Returns the live scopes, with at most 100 levels of child scopes.
     *
     * @param name if given, only scopes and tasks whose name contains it, ignoring case, with all that is in these scopes, and
     *     the scopes around them; searched are all roots, and what is in them up to 20,000 scopes and tasks
     * @param limit how many scopes to show, from 1 to 10,000, and five times as many tasks. Default: 200
     * @return the scopes
     * @throws InvalidEndpointRequestException if the limit is out of range
     */
    public ScopesDescriptor scopes(@Nullable String name, @Nullable Integer limit) {
        return scopes(name, treesFor(limit));
    }

    /** Returns the result of {@link #scopes(String, Integer, String)} as a tree of text. */
    String text(@Nullable String name, @Nullable Integer limit, @Nullable String view) {
        if (isRecent(view)) {
            return RecentText.of(recent(name, limit));
        }
        ScopeTrees trees = treesFor(limit);
        ScopesDescriptor answer = scopes(name, trees);
        return ScopesText.of(answer, trees.leftOut());
    }

    private ScopeTrees treesFor(@Nullable Integer limit) {
        return new ScopeTrees(limit(limit, ScopeTrees.DEFAULT_LIMIT, ScopeTrees.MAX_LIMIT), attributes(false));
    }

    /** Returns whether the detail of a scope has the values that the application has contributed. */
    Show showValues() {
        return attributes == null ? Show.NEVER : attributes.showValues();
    }

    private ScopeTrees.Attributes attributes(boolean values) {
        RootAttributes known = attributes;
        return known == null ? ScopeTrees.Attributes.NONE : id -> known.of(id, values);
    }

    private static int limit(@Nullable Integer limit, int byDefault, int max) {
        int chosen = limit == null ? byDefault : limit;
        if (chosen < 1 || chosen > max) {
            throw new InvalidEndpointRequestException("limit was " + limit, "limit must be from 1 to " + max);
        }
        return chosen;
    }

    private ScopesDescriptor scopes(@Nullable String name, ScopeTrees trees) {
        List<Scope> roots = factories.stream()
                .flatMap(factory -> factory.scopes().stream())
                .sorted(Comparator.comparingLong(Scope::id))
                .toList();
        ScopeSearch found = ScopeSearch.of(roots, name);
        if (found.cut()) {
            trees.searchCut();
        }
        // One more than fits, so that the cut is noticed.
        List<Scope> whole = found.whole().stream().limit(trees.limit() + 1L).toList();
        List<ScopeSnapshot> shown = Stream.concat(
                        RootSnapshots.of(whole, trees.maxNodes()).stream(), found.parts().stream())
                .sorted(Comparator.comparing(ScopeSnapshot::openedAt).thenComparingLong(ScopeSnapshot::id))
                .toList();
        int total = found.whole().size() + found.parts().size();
        List<ScopeDescriptor> described = trees.describe(shown);
        return new ScopesDescriptor(total, trees.truncated(), described);
    }

    /**
     * Returns one scope, a root or a descendant; at most 200 scopes and 1,000 tasks in all.
     *
     * @param id the id of the scope
     * @return the scope; null if no live scope has this id
     */
    @ReadOperation
    public @Nullable ScopeDetailDescriptor scope(@Selector String id) {
        return scope(
                id,
                showStacks.isShown(/* unauthorizedResult= */ true),
                showValues().isShown(/* unauthorizedResult= */ true));
    }

    @Nullable
    ScopeDetailDescriptor scope(String id, boolean stacks, boolean values) {
        ScopeTrees trees = new ScopeTrees(ScopeTrees.DEFAULT_LIMIT, attributes(values));
        return find(id).map(scope -> stacks ? scope.dump(trees.maxNodes()) : scope.snapshot(trees.maxNodes()))
                .map(scope -> trees.describe(List.of(scope)).get(0))
                .map(scope -> new ScopeDetailDescriptor(trees.truncated(), scope))
                .orElse(null);
    }

    /**
     * Cancels a scope, a root or a descendant, without waiting for it. Its exit throws an
     * {@link OperatorCancelledException}. A no-op if the scope is cancelled already.
     *
     * @param id the id of the scope
     * @param reason if given, what the exception, the log and the page say about it
     * @return a confirmation
     * @throws InvalidEndpointRequestException if no live scope has this id
     */
    @DeleteOperation
    public String cancel(@Selector String id, @Nullable String reason) {
        if (!cancel(id, reason, null)) {
            throw new InvalidEndpointRequestException("No live scope has this id", "no live scope has this id");
        }
        return "Cancelled scope " + id;
    }

    /**
     * Cancels a scope.
     *
     * @param id the id of the scope
     * @param reason what the user says about it; null if nothing
     * @param user the name of the user, sanitized; null if unknown
     * @return whether there is such a scope
     */
    boolean cancel(String id, @Nullable String reason, @Nullable String user) {
        Optional<Scope> found = find(id);
        String said = reason == null || reason.isBlank() ? null : printable(reason);
        found.ifPresent(scope -> {
            logger.info(
                    "Cancelling scope {} ({}), requested over the scopes endpoint by {}{}",
                    scope.id(),
                    scope,
                    user == null ? "an unknown user" : user,
                    said == null ? "" : ": " + said);
            if (!scope.isCancelled()) {
                OperatorCancelledException cause = new OperatorCancelledException(scope, said);
                scope.cancel(said == null ? "by an operator" : "by an operator: " + said, cause);
            }
        });
        return found.isPresent();
    }

    static String printable(String text) {
        return printable(text, MAX_REASON);
    }

    static String printable(String text, int max) {
        // Cut before it is searched: it may be long.
        String cut = text.length() <= max ? text : text.substring(0, max) + "...";
        return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]", "?");
    }

    private Optional<Scope> find(String id) {
        // One spelling for each scope: rules of firewalls and logs need not know others.
        if (!ID.matcher(id).matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(id);
        return factories.stream()
                .flatMap(factory -> factory.find(number).stream())
                .filter(scope -> scope.state() != Scope.State.CLOSED)
                .findFirst();
    }
}
