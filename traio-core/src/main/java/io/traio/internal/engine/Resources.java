// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Action;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFailedException;
import io.traio.ScopeOptions;
import io.traio.internal.engine.InterruptAccount.Taken;
import io.traio.spi.ContextPropagator.Restorer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * What a scope releases when it is done, the last first: one entry, linked to the one that was registered before.
 *
 * <p>An entry is written and then the scope's state is read; the scope becomes DONE and then its entries are taken. So who
 * registers too late either sees that, or the entry is taken all the same. If both, the one who gets it out releases it.
 *
 * <p>Each release is the body of a shielded scope below the one that is done, in the context of the code that registered it.
 */
final class Resources {

    private static final String NAME = "release";

    private static final VarHandle RESOURCES;

    static {
        try {
            RESOURCES = MethodHandles.lookup().findVarHandle(ScopeRecordFields.class, "resources", Resources.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Action release;
    private final @Nullable Object context;
    private final @Nullable Resources earlier;
    private boolean begun;

    private Resources(Action release, @Nullable Object context, @Nullable Resources earlier) {
        this.release = release;
        this.context = context;
        this.earlier = earlier;
    }

    // ---- registering ----

    /** Acquires a resource for a scope and registers its release; if the acquiring fails, nothing is registered. */
    static <R extends @Nullable Object> R acquire(
            ScopeNode scope, Callable<? extends R> acquire, Scope.Release<? super R> release) {
        requireOpen(scope);
        Object context = scope.engine.context.capture();
        R resource;
        try {
            resource = acquire.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            throw interrupted(scope, e);
        } catch (Exception e) {
            throw new ScopeFailedException("Nothing was acquired for " + scope.label() + ": " + Log.describe(e), e);
        }
        register(scope, () -> release.release(resource), context);
        return resource;
    }

    private static RuntimeException interrupted(ScopeNode scope, InterruptedException cause) {
        Frame frame = CurrentFrame.get();
        if (frame != null && (frame.isCancelRequested() || InterruptAccount.unnotified(frame) != null)) {
            return new ScopeCancelledException(
                    frame.label() + " is cancelled and has acquired nothing for " + scope.label(), cause);
        }
        return Waits.interruptedIn("an acquire for " + scope.label(), cause);
    }

    /** Registers a release; if the scope has ended it is run here and now, and an exception says so. */
    static void register(ScopeNode scope, Action release) {
        Object context;
        try {
            context = scope.engine.context.capture();
        } catch (Throwable e) {
            Throwables.suppress(e, attempt(release));
            throw e;
        }
        register(scope, release, context);
    }

    private static void register(ScopeNode scope, Action release, @Nullable Object context) {
        Resources entry;
        do {
            entry = new Resources(release, context, scope.resources);
        } while (!RESOURCES.compareAndSet(scope, entry.earlier, entry));
        if (scope.isDone() && takeOut(scope, entry)) {
            IllegalStateException refused = tooLate(scope);
            Throwables.suppress(refused, attempt(release));
            throw refused;
        }
    }

    private static void requireOpen(ScopeNode scope) {
        if (scope.isDone()) {
            throw tooLate(scope);
        }
    }

    private static IllegalStateException tooLate(ScopeNode scope) {
        return new IllegalStateException(
                scope.label() + " has ended and cannot release what is registered now; it was released at once");
    }

    /** Takes an entry out of those of the scope; false if the end of the scope has taken it. */
    private static boolean takeOut(ScopeNode scope, Resources entry) {
        for (; ; ) {
            Resources last = scope.resources;
            if (!contains(last, entry)) {
                return false;
            }
            if (RESOURCES.compareAndSet(scope, last, without(last, entry))) {
                return true;
            }
        }
    }

    private static boolean contains(@Nullable Resources last, Resources entry) {
        for (Resources r = last; r != null; r = r.earlier) {
            if (r.release == entry.release) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Resources without(@Nullable Resources last, Resources entry) {
        if (last == null || last.release == entry.release) {
            return last == null ? null : last.earlier;
        }
        // The others are copied: they are known by their action.
        return new Resources(last.release, last.context, without(last.earlier, entry));
    }

    private static @Nullable Throwable attempt(Action release) {
        try {
            release.run();
            return null;
        } catch (Throwable e) {
            return e;
        }
    }

    // ---- releasing ----

    static boolean areIn(ScopeNode scope) {
        return scope.resources != null;
    }

    /**
     * Releases all that is in a scope which is done and whose frame this thread is in.
     *
     * @return whether an interrupt from outside came meanwhile
     */
    static boolean release(ScopeNode scope) {
        boolean interrupted = false;
        for (Resources r = (Resources) RESOURCES.getAndSet(scope, null); r != null; r = r.earlier) {
            Throwable failure = r.releaseThis(scope);
            Frame frame = CurrentFrame.get();
            // The next one is not to meet it; one of ours is sent again when the scope is left.
            interrupted |= frame != null && InterruptAccount.take(frame) == Taken.OUTSIDE;
            if (failure != null) {
                Failures.of(scope).addToThrow(failure, null);
            }
        }
        return interrupted;
    }

    private @Nullable Throwable releaseThis(ScopeNode scope) {
        try {
            scope.openBelow()
                    .run(
                            NAME,
                            s -> s.withDetached(false).withShielded(true).withTimeout(ScopeOptions.FOREVER),
                            shield -> releaseInContext(scope));
            return null;
        } catch (Throwable e) {
            // Otherwise no scope could be opened for it.
            return begun ? e : releasedAfter(e);
        }
    }

    /** Releases in spite of what has gone wrong before, and returns that. */
    private Throwable releasedAfter(Throwable failure) {
        begun = true;
        Throwables.suppress(failure, attempt(release));
        return failure;
    }

    private void releaseInContext(ScopeNode scope) throws Exception {
        ContextCapture propagators = scope.engine.context;
        Restorer restorer = null;
        Throwable notRestored = null;
        try {
            restorer = propagators.set(context, /* onNewThread= */ false);
            ContextCapture.call(context, this::call, e -> scope.engine.observers.failureNotThrown(scope, e));
        } catch (Throwable e) {
            throw TaskFailures.<RuntimeException>sneaky(begun ? e : releasedAfter(e));
        } finally {
            notRestored = propagators.restore(restorer);
        }
        if (notRestored != null) {
            throw TaskFailures.<RuntimeException>sneaky(notRestored);
        }
    }

    private @Nullable Void call() throws Exception {
        begun = true;
        release.run();
        return null;
    }

    /** Releases all that is in a scope without an owner on a thread of its own, since it may block, and then goes on. */
    static void releaseElsewhere(ScopeNode scope, Runnable next) {
        Runnable all = () -> {
            BoundFrame binding = BoundFrame.awaitedBy(scope);
            try {
                release(scope);
            } finally {
                binding.close();
                next.run();
            }
        };
        try {
            Launcher.lend(all);
        } catch (Throwable e) {
            scope.engine.observers.noThreadToRelease(scope, e);
            all.run();
        }
    }
}
