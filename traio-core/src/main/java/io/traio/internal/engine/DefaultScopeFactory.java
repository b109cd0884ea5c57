// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.FactoryOptions;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.internal.Nanos;
import io.traio.spi.CancelReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** The factory: opens roots, or children of the current scope, and knows those that live. */
final class DefaultScopeFactory extends Opener implements ScopeFactory {

    private static final long MIN_PATIENCE_NANOS = 10_000_000;

    private final AtomicBoolean closing = new AtomicBoolean();

    DefaultScopeFactory(FactoryOptions options) {
        super(new Engine(options), null);
    }

    @Override
    public List<Scope> scopes() {
        return List.copyOf(engine.live.listed());
    }

    @Override
    public Optional<Scope> find(long id) {
        for (ScopeNode listed : engine.live.listed()) {
            for (ScopeNode scope : Members.withAllBelow(listed)) {
                if (scope.id() == id) {
                    return Optional.of(scope);
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public int abandoned() {
        return engine.abandoned();
    }

    @Override
    public boolean drain(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        List<ScopeNode> before = engine.live.roots();
        before.forEach(root -> OpenHandle.requireOutside(root, "drain"));
        engine.live.close();
        long since = engine.time.nanoTime();
        for (ScopeNode root : engine.live.roots()) {
            if (root.options.endless()) {
                continue;
            }
            long left = Nanos.of(timeout) - (engine.time.nanoTime() - since);
            if (!Waits.forClosed(root, Math.max(0, left), false)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        engine.live.close();
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        List<ScopeNode> roots = engine.live.roots();
        for (ScopeNode root : roots) {
            boolean endsByItself = root.isFinal() || root.isCancelled() || root.deadline != null;
            if (root.shared && !endsByItself && !root.options.endless()) {
                engine.observers.neverClosed(root);
            }
            if (!root.isShield()) {
                ScopeEnd.cancel(root, CancelReason.SHUTDOWN, null);
            }
        }
        for (ScopeNode root : roots) {
            if (!ThisThread.isInside(root)) {
                awaitEnd(root);
            }
        }
    }

    /** A body that ignores its cancellation, or was never closed, must not keep the factory from closing. */
    private void awaitEnd(ScopeNode root) {
        while (!Waits.forClosed(root, patience(root), true)) {
            List<ScopeNode> open = new ArrayList<>();
            boolean tasksLive = false;
            for (ScopeNode scope : Members.withAllBelow(root)) {
                tasksLive |= isLimitedShield(scope) || Members.hasTasksBesideStragglers(scope);
                if (!scope.shared && !scope.isCodeEnded()) {
                    open.add(scope);
                }
            }
            if (!tasksLive && !open.isEmpty()) {
                for (ScopeNode scope : open) {
                    engine.observers.leftOpen(scope);
                    // A body has an owner that leaves it; a scope that is closed by hand may be leaked.
                    if (scope.openingCalls != null && scope.tryMarkLeaked()) {
                        ScopeEnd.follow(scope, Admission.countOutBody(scope));
                    }
                }
                return;
            }
        }
    }

    /** Returns whether the scope is shielded, and will end by its limit. */
    private static boolean isLimitedShield(ScopeNode scope) {
        return scope.isShield() && !scope.isEnding() && scope.deadline != null;
    }

    private static long patience(ScopeNode root) {
        long cancelNanos = Nanos.of(root.options.cancelTimeout());
        // Not zero: this is looked at again and again.
        return Math.max(MIN_PATIENCE_NANOS, Math.min(2 * cancelNanos, Nanos.FOREVER));
    }
}
