// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Action;
import io.traio.FactoryOptions;
import io.traio.Limiter;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.internal.VirtualThreads;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The door to the engine: the only class of it that the public types know. */
public final class Engines {

    private Engines() {}

    /**
     * Returns a new factory.
     *
     * @param options its options
     * @return a factory with an engine of its own
     */
    public static ScopeFactory create(FactoryOptions options) {
        return new DefaultScopeFactory(options);
    }

    /**
     * Returns a new limiter.
     *
     * @param name what it is called
     * @param permits how many tasks may run at once
     * @return a limiter
     */
    public static Limiter limiter(String name, int permits) {
        return new SharedLimiter(name, permits);
    }

    /**
     * Returns the innermost scope of this thread; one that is bound lazily is opened.
     *
     * @return the current scope; null outside of any
     */
    public static @Nullable Scope currentScope() {
        return CurrentFrame.scope();
    }

    /**
     * Returns the innermost scope of this thread that is open.
     *
     * @return the current scope, or the next one further out that is open; null if there is none
     */
    public static @Nullable Scope peekScope() {
        return CurrentFrame.openScope();
    }

    /**
     * Binds this thread to a scope that is asked for when code wants to know the current one.
     *
     * @param opener returns the scope
     * @return the binding
     */
    public static Scope.Binding bindLazily(Supplier<? extends Scope> opener) {
        return BoundFrame.lazily(opener);
    }

    /**
     * Returns the innermost task that this thread runs.
     *
     * @return the current task; null if there is none
     */
    public static @Nullable Task<?> currentTask() {
        for (Frame frame = CurrentFrame.get(); frame != null; frame = frame.enclosing()) {
            if (frame instanceof TaskNode<?> task) {
                return task;
            }
        }
        return null;
    }

    /** Throws if this thread belongs to a scope or task that is cancelled. */
    public static void checkCancelled() {
        Waits.checkCancelled();
    }

    /**
     * Registers a hook for the cancellation of the code that this thread is in.
     *
     * @param hook what to do
     * @param interruptAfter for how long the interrupt waits; zero if it does not
     * @return the registration
     */
    public static Scope.CancelHook onCancel(Action hook, Duration interruptAfter) {
        return RegisteredHook.register(hook, interruptAfter);
    }

    /**
     * Waits until something is so, or the scope ends. Whoever makes it so unparks this thread.
     *
     * @param scope the scope that this thread is in
     * @param condition what is waited for
     */
    public static void await(Scope scope, BooleanSupplier condition) {
        Waits.forPlace((ScopeNode) scope, condition);
    }

    /**
     * Returns a factory of virtual threads that know the task for which they are made.
     *
     * @param namePrefix what their names start with
     * @return the factory
     */
    public static ThreadFactory virtualThreads(String namePrefix) {
        return Launcher.preparing(VirtualThreads.numbered(namePrefix));
    }
}
