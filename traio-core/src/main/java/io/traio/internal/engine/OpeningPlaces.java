// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.LeakDetection;
import io.traio.Scope;
import io.traio.ScopeOpener;
import io.traio.internal.SystemTimeSource;
import io.traio.spi.CancelReason;
import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Records which places of the application have opened scopes that are to be closed by hand, and reports leaked ones: when
 * their thread opens another one where the first was opened, and when their thread has ended.
 */
final class OpeningPlaces {

    private static final StackWalker CALLERS = StackWalker.getInstance();
    private static final Set<String> OWN_CLASSES = Set.of(ScopeOpener.class.getName(), Scope.class.getName());
    private static final String ENGINE = OpeningPlaces.class.getPackageName() + ".";
    /** By which integrations come there. */
    private static final List<String> PROXIES = List.of("java.util.", "java.lang.reflect.", "jdk.");

    private static final int MAX_FRAMES = 32;
    private static final long WATCH_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** One in so many places is recorded if they are sampled. */
    private static final int SAMPLE = 128;

    private final Engine engine;
    private final List<String> passedOver;
    private final LeakDetection level;
    private final AtomicBoolean watching = new AtomicBoolean();
    /** After the first leak more are likely: the next report is to name the place. */
    private volatile boolean leakFound;

    OpeningPlaces(Engine engine, List<String> integrationPackages, LeakDetection level) {
        this.engine = engine;
        this.passedOver = integrationPackages;
        this.level = level;
    }

    /** The place that opens a scope, or {@link OpeningPlace#UNKNOWN}. */
    OpeningPlace here() {
        boolean recorded = switch (level) {
            case OFF -> false;
            case ALL -> true;
            case SAMPLED ->
                leakFound || isDirectlyInside() || ThreadLocalRandom.current().nextInt(SAMPLE) == 0;
        };
        return recorded ? walked() : OpeningPlace.UNKNOWN;
    }

    /** Whether this thread is in a scope that is to be closed by hand: it may have been forgotten. */
    private static boolean isDirectlyInside() {
        return CurrentFrame.get() instanceof ScopeNode open && open.openingCalls != null;
    }

    private static OpeningPlace walked() {
        return CALLERS.walk(frames -> {
            List<StackFrame> innermost = new ArrayList<>(MAX_FRAMES);
            int depth = 0;
            for (Iterator<StackFrame> all = frames.iterator(); all.hasNext(); depth++) {
                StackFrame frame = all.next();
                if (innermost.size() < MAX_FRAMES && !isOwn(frame)) {
                    innermost.add(frame);
                }
            }
            return new OpeningPlace(innermost, depth);
        });
    }

    /**
     * Reports a scope that this thread has opened at the same place, by the same calls, and has not closed: most likely a
     * method that lacks the close has been called once more.
     */
    void reportOpenedAgain(OpeningPlace place) {
        if (CurrentFrame.get() instanceof ScopeNode open && place.isSameAs(open.openingCalls)) {
            engine.observers.openedAgain(open, callerIn(place));
        }
    }

    /** A scope was left open. */
    void leakFound() {
        leakFound = true;
    }

    /** Records the place that has opened a scope. */
    void record(ScopeNode scope, OpeningPlace place) {
        scope.opening = callerIn(place);
        if (!scope.shared) {
            scope.openingCalls = place;
            if (level != LeakDetection.OFF) {
                watchOwners();
            }
        }
    }

    private @Nullable StackFrame callerIn(OpeningPlace place) {
        return place.innermost().stream()
                .filter(frame -> isOfApplication(frame.getClassName()))
                .findFirst()
                .orElse(null);
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
        // Both write: so a look that is due sees the place, or this sees that the look has begun.
        if (!watching.getAndSet(true)) {
            SystemTimeSource.INSTANCE.schedule(WATCH_NANOS, this::look);
        }
    }

    private void look() {
        watching.getAndSet(false);
        boolean any = false;
        for (ScopeNode root : engine.live.roots()) {
            for (ScopeNode scope : Members.withAllBelow(root)) {
                if (scope.openingCalls != null && !scope.isCodeEnded() && !scope.isLeaked()) {
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
        if (owner != null && !owner.isAlive() && !scope.isLeaked() && scope.tryMarkLeaked()) {
            scope.engine.places.leakFound();
            scope.engine.observers.ownerEnded(scope);
            ScopeEnd.cancel(scope, CancelReason.CLOSE, null);
            ScopeEnd.follow(scope, Admission.countOutBody(scope));
        }
    }
}
