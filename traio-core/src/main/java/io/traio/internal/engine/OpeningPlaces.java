// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Scope;
import io.traio.ScopeOpener;
import io.traio.internal.SystemTimeSource;
import io.traio.spi.CancelReason;
import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which place of the application has opened a scope that is to be closed by hand, and reports those that were
 * forgotten: when their thread opens another one where the first was opened, and when their thread has ended.
 */
final class OpeningPlaces {

    private static final StackWalker CALLERS = StackWalker.getInstance();
    private static final Set<String> OWN_CLASSES = Set.of(ScopeOpener.class.getName(), Scope.class.getName());
    private static final String ENGINE = OpeningPlaces.class.getPackageName() + ".";
    /** By which integrations come there. */
    private static final List<String> PROXIES = List.of("java.util.", "java.lang.reflect.", "jdk.");

    private static final long WATCH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Engine engine;
    private final List<String> passedOver;
    private final AtomicBoolean watching = new AtomicBoolean();

    OpeningPlaces(Engine engine, List<String> integrationPackages) {
        this.engine = engine;
        this.passedOver = integrationPackages;
    }

    /** Remembers the place that opens a scope, and compares it with that of the one that is open around it. */
    void remember(ScopeNode scope) {
        List<StackFrame> stack =
                CALLERS.walk(frames -> frames.filter(f -> !isOwn(f)).collect(Collectors.toList()));
        StackFrame caller = stack.stream()
                .filter(f -> isOfApplication(f.getClassName()))
                .findFirst()
                .orElse(null);
        scope.opening = caller;
        scope.openingDepth = stack.size();
        if (!scope.shared) {
            Frame around = scope.enclosing();
            if (around instanceof ScopeNode open && isForgotten(open, caller, stack.size())) {
                engine.observers.openedAgain(open, scope);
            }
            watchOwners();
        }
    }

    /**
     * Whether the code that opened the outer scope has been left. It has, if another call stands in its place on the stack;
     * and most likely, if it is the same place of a method, called once more.
     */
    private static boolean isForgotten(ScopeNode open, @Nullable StackFrame caller, int depth) {
        StackFrame before = open.opening;
        if (before == null || caller == null || open.openingDepth != depth) {
            return false;
        }
        boolean sameMethod = before.getClassName().equals(caller.getClassName())
                && before.getMethodName().equals(caller.getMethodName());
        return !sameMethod || before.getByteCodeIndex() == caller.getByteCodeIndex();
    }

    private static boolean isOwn(StackFrame frame) {
        String name = frame.getClassName();
        return OWN_CLASSES.contains(name) || name.startsWith(ENGINE) && !name.contains("Test");
    }

    private boolean isOfApplication(String className) {
        return PROXIES.stream().noneMatch(className::startsWith)
                && passedOver.stream().noneMatch(className::startsWith);
    }

    // ---- owners whose thread has ended ----

    private void watchOwners() {
        if (watching.compareAndSet(false, true)) {
            SystemTimeSource.INSTANCE.schedule(WATCH_NANOS, this::look);
        }
    }

    private void look() {
        watching.set(false);
        boolean any = false;
        for (ScopeNode root : engine.live.roots()) {
            for (ScopeNode scope : Snapshots.withAllBelow(root)) {
                if (scope.opening != null && !scope.shared && !scope.isEnded()) {
                    any = true;
                    reportIfOrphaned(scope);
                }
            }
        }
        if (any) {
            watchOwners();
        }
    }

    static void reportIfOrphaned(ScopeNode scope) {
        Thread owner = scope.thread();
        if (owner != null && !owner.isAlive() && !scope.isForgotten() && scope.forget()) {
            scope.engine.observers.ownerEnded(scope);
            ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
        }
    }
}
