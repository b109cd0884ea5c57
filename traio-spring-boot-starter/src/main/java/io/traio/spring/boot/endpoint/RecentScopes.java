// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeFailedException;
import io.traio.ScopeSnapshot;
import io.traio.Task;
import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.spi.TimeSource;
import io.traio.spring.boot.endpoint.RecentScopesDescriptor.RecentScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the last scopes that failed, timed out, left stragglers, were cancelled with a reason or were slow, with what was
 * unfinished then; and counts all scopes by name. For {@code ?view=recent} of the endpoint.
 *
 * <p>Remembers at most 100 scopes, with at most 1,000 tasks and scopes in each and 10,000 in all. Names are sanitized, and of
 * failures only the classes are kept. A scope that ends well costs a look-up and a few additions; tasks cost nothing.
 *
 * <p>Thread-safe.
 */
public final class RecentScopes implements ScopeListener, AutoCloseable {

    static final int MAX_TREES = 100;
    static final int MAX_NODES = 10_000;
    private static final int MAX_SCOPES_PER_TREE = 200;
    private static final int MAX_TASKS_PER_TREE = 800;
    /** One more, by which it is known that there are more. */
    static final int MAX_SNAPSHOT = MAX_SCOPES_PER_TREE + MAX_TASKS_PER_TREE + 1;

    private static final int MAX_PENDING = 1_000;
    private static final int MAX_STRAGGLERS = 20;
    private static final int MAX_CAUSES = 5;

    /** These are how scopes are meant to end, or follow from what happened to another one. */
    private static final Set<CancelReason> PLANNED = EnumSet.of(
            CancelReason.PARENT, CancelReason.MASTER, CancelReason.POLICY, CancelReason.CLOSE, CancelReason.SHUTDOWN);

    private final TimeSource time;
    private final Instant since;
    private final @Nullable SlowScopes slowScopes;
    private final @Nullable RootAttributes attributes;
    private final ScopeCounts counts = new ScopeCounts();

    /** Scopes that have not ended and will be remembered, by id. */
    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock();
    /** The last first. Guarded by the lock, as is the number of nodes. */
    private final Deque<Remembered> remembered = new ArrayDeque<>();

    private int nodes;

    /**
     * Creates a listener, to be added to a {@link io.traio.FactoryOptions#withListener factory}.
     *
     * @param slowThreshold from which duration on a root scope is slow, unless it is {@linkplain
     *     io.traio.ScopeOptions#endless() endless}; zero or less if none is
     * @param time the time source of the factories
     * @param factories provides the factories, once there are scopes to be looked at
     * @param attributes what root scopes are for, a listener after this one; null if that is unknown
     */
    public RecentScopes(
            Duration slowThreshold,
            TimeSource time,
            Supplier<List<ScopeFactory>> factories,
            @Nullable RootAttributes attributes) {
        this.attributes = attributes;
        this.time = time;
        this.since = time.now().truncatedTo(ChronoUnit.MILLIS);
        boolean watches = !slowThreshold.isZero() && !slowThreshold.isNegative();
        this.slowScopes = watches ? new SlowScopes(slowThreshold, time, factories, this::becameSlow) : null;
    }

    @Override
    public boolean ignoresTasks() {
        return true;
    }

    @Override
    public void scopeOpened(Scope scope) {
        if (slowScopes != null) {
            slowScopes.watch();
        }
    }

    @Override
    public int maxUnfinished(CancelReason reason) {
        return PLANNED.contains(reason) ? 0 : MAX_SNAPSHOT;
    }

    @Override
    public void scopeUnfinished(
            Scope scope,
            ScopeSnapshot unfinished,
            CancelReason reason,
            @Nullable Throwable cause,
            @Nullable String task) {
        if (reason != CancelReason.EXPLICIT || cause != null || isExplained(unfinished)) {
            Pending known = pending(scope, unfinished, /* replace= */ true);
            if (known != null) {
                known.failed = task;
            }
        }
    }

    /** Code that calls a plain {@code cancel()} means to, and that is how many scopes end. */
    private static boolean isExplained(ScopeSnapshot cancelled) {
        return !CancelReason.EXPLICIT.name().equalsIgnoreCase(cancelled.cancelled());
    }

    private void becameSlow(Scope scope, ScopeSnapshot snapshot) {
        pending(scope, snapshot, /* replace= */ false);
    }

    @Override
    public void taskStraggling(Task<?> task) {
        straggling(task.scope(), "task '" + task.displayName() + "' (#" + task.id() + ")");
    }

    @Override
    public void bodyStraggling(Scope scope) {
        straggling(scope, "body of scope '" + scope.displayName() + "' (#" + scope.id() + ")");
    }

    /** Adds the straggler to the scope that was cancelled first, from here up. */
    private void straggling(Scope scope, String straggler) {
        Pending known = null;
        for (Scope up = scope; up != null && known == null; up = up.parent().orElse(null)) {
            known = pending.get(up.id());
        }
        known = known != null ? known : pending(scope, scope.snapshot(MAX_SNAPSHOT), /* replace= */ false);
        if (known != null && known.stragglers.size() < MAX_STRAGGLERS) {
            known.stragglers.add(straggler);
        }
    }

    /** Remembers a scope as it is now, once it has ended; null if there is no room. */
    private @Nullable Pending pending(Scope scope, ScopeSnapshot snapshot, boolean replace) {
        if (pending.size() >= MAX_PENDING) {
            // Its end may have come between, and then it is not taken out any more.
            pending.values().removeIf(old -> old.scope.state().compareTo(Scope.State.ENDING) > 0);
            if (pending.size() >= MAX_PENDING) {
                return null;
            }
        }
        Pending fresh = new Pending(scope, snapshot);
        Pending known = pending.putIfAbsent(scope.id(), fresh);
        if (known != null && replace) {
            fresh.stragglers.addAll(known.stragglers);
            pending.put(scope.id(), fresh);
            return fresh;
        }
        return known != null ? known : fresh;
    }

    @Override
    public void scopeClosed(Scope scope, ScopeOutcome outcome) {
        Pending known = pending.isEmpty() ? null : pending.remove(scope.id());
        counts.add(scope, outcome, known != null && !known.stragglers.isEmpty());
        ScopeOutcome.Kind kind = outcome.kind();
        boolean bad = kind == ScopeOutcome.Kind.FAILURE || kind == ScopeOutcome.Kind.TIMEOUT;
        if (known == null && (bad || isSlow(scope, outcome))) {
            ScopeSnapshot last = scope.snapshot(MAX_SNAPSHOT);
            known = bad || !last.endless() ? new Pending(scope, last) : null;
        }
        if (known != null) {
            remember(describe(known, outcome));
        }
    }

    private boolean isSlow(Scope scope, ScopeOutcome outcome) {
        return slowScopes != null
                && slowScopes.isSlow(outcome.openNanos())
                && scope.parent().isEmpty();
    }

    private void remember(Remembered scope) {
        lock.lock();
        try {
            remembered.addFirst(scope);
            nodes += scope.nodes;
            while (remembered.size() > MAX_TREES || nodes > MAX_NODES) {
                nodes -= remembered.removeLast().nodes;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Describes what is remembered.
     *
     * @param name if given, only scopes whose name, or that of their root, contains it, ignoring case
     * @param limit how many scopes at most
     */
    RecentScopesDescriptor describe(@Nullable String name, int limit) {
        String part = name == null ? "" : name.toLowerCase(Locale.ROOT);
        List<RecentScopeDescriptor> found = new ArrayList<>();
        lock.lock();
        try {
            for (Remembered each : remembered) {
                if (each.isNamed(part)) {
                    found.add(each.described);
                }
            }
        } finally {
            lock.unlock();
        }
        boolean truncated = found.size() > limit;
        return new RecentScopesDescriptor(
                since,
                found.size(),
                truncated,
                counts.describe(name),
                List.copyOf(truncated ? found.subList(0, limit) : found));
    }

    private Remembered describe(Pending scope, ScopeOutcome outcome) {
        Scope root = rootOf(scope.scope);
        boolean isRoot = scope.scope.parent().isEmpty();
        ScopeTrees trees = new ScopeTrees(MAX_SCOPES_PER_TREE, MAX_TASKS_PER_TREE, ScopeTrees.Attributes.NONE);
        ScopeDescriptor tree = trees.describe(List.of(scope.snapshot)).get(0);
        RecentScopeDescriptor described = new RecentScopeDescriptor(
                time.now().truncatedTo(ChronoUnit.MILLIS),
                outcome.kind().name().toLowerCase(Locale.ROOT),
                !scope.snapshot.endless() && isSlow(scope.scope, outcome),
                Duration.ofNanos(outcome.openNanos()).truncatedTo(ChronoUnit.MILLIS),
                outcome.reason() == null
                        ? null
                        : Duration.ofNanos(outcome.unwindNanos()).truncatedTo(ChronoUnit.MILLIS),
                classesOf(outcome.failure()),
                scope.failed,
                isRoot ? null : root.displayName(),
                isRoot ? null : Long.toString(root.id()),
                attributes == null ? null : attributes.of(root.id(), /* values= */ false),
                List.copyOf(scope.stragglers),
                trees.truncated(),
                tree);
        return new Remembered(described, trees.size());
    }

    private static Scope rootOf(Scope scope) {
        Scope root = scope;
        for (Scope up = scope; up != null; up = up.parent().orElse(null)) {
            root = up;
        }
        return root;
    }

    /** Returns the class of a failure, as the application threw it, and of its causes. */
    private static List<String> classesOf(@Nullable Throwable failure) {
        List<String> classes = new ArrayList<>();
        Throwable next =
                failure instanceof ScopeFailedException && failure.getCause() != null ? failure.getCause() : failure;
        for (; next != null && classes.size() < MAX_CAUSES; next = next.getCause()) {
            classes.add(next.getClass().getName());
        }
        return List.copyOf(classes);
    }

    /** Stops looking for slow scopes. Idempotent. */
    @Override
    public void close() {
        if (slowScopes != null) {
            slowScopes.close();
        }
    }

    /** A scope that will be remembered. */
    private static final class Pending {

        final Scope scope;
        final ScopeSnapshot snapshot;
        final ConcurrentLinkedQueue<String> stragglers = new ConcurrentLinkedQueue<>();
        volatile @Nullable String failed;

        Pending(Scope scope, ScopeSnapshot snapshot) {
            this.scope = scope;
            this.snapshot = snapshot;
        }
    }

    /**
     * A scope that is remembered.
     *
     * @param described what is shown of it
     * @param nodes how many scopes and tasks that are
     */
    private record Remembered(RecentScopeDescriptor described, int nodes) {

        boolean isNamed(String part) {
            String root = described.root();
            return described.scope().name().toLowerCase(Locale.ROOT).contains(part)
                    || (root != null && root.toLowerCase(Locale.ROOT).contains(part));
        }
    }
}
