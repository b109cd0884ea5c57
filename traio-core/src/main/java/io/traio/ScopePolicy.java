// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.internal.Policies;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides, each time an awaited task of a scope has ended, whether the scope goes on. Given to a scope by {@link
 * ScopeOptions#withPolicy(ScopePolicy)}; the standard ones have the names of the JDK's {@code
 * StructuredTaskScope.Joiner}. Results are read from the tasks; {@link Operators} return them.
 *
 * <p>A policy is called by the thread that ends a task, for several tasks at once, and must not block. The standard ones
 * have no state and can be shared; so can one of your own if it has none.
 */
@FunctionalInterface
public interface ScopePolicy {

    /** What becomes of a scope after the end of a task. */
    enum Verdict {
        /** The scope goes on. A failure stays in the handle of the task: it is neither thrown nor logged. */
        CONTINUE,
        /**
         * The scope ends: it cancels what still runs and waits for that. Its exit is silent, and {@code call} returns the
         * value of its body, if the body returns one.
         */
        END,
        /** The failure of the task cancels the scope, whose exit throws it. After a success, the scope goes on. */
        FAIL,
        /**
         * The scope goes on. The exit throws the first such failure, with the later ones suppressed, unless a later {@link
         * #END} makes up for it or the task is joined. After a success, the scope goes on.
         */
        DEFER
    }

    /**
     * Decides what becomes of the scope, now that a task has ended. Not called for background tasks, nor for tasks that end
     * because the scope does.
     *
     * <p>The verdict takes the place of the task's {@code bubble}. A failure that a thread waits for, that is kept {@link
     * TaskOptions#toJoin() to be joined}, or that a callback has taken over is not the policy's: of such a task only {@code
     * END} has an effect. So it is where {@code bubble} is false, and there the failure is logged.
     *
     * @param task the task, which is done
     * @param failure what the task failed with; null if it succeeded or was cancelled
     * @return the verdict. If this throws, that is logged, and the scope goes on as if it had no policy
     */
    Verdict taskEnded(Task<?> task, @Nullable Throwable failure);

    /**
     * Returns the policy of a scope that is given none: the first failure cancels the scope, and its exit throws that.
     *
     * @return the default policy
     */
    static ScopePolicy allSuccessfulOrThrow() {
        return Policies.ALL_SUCCESSFUL;
    }

    /**
     * Returns the same as {@link #allSuccessfulOrThrow()}. The JDK has both names, since there they differ in the result.
     *
     * @return the default policy
     */
    static ScopePolicy awaitAllSuccessfulOrThrow() {
        return Policies.ALL_SUCCESSFUL;
    }

    /**
     * Returns a policy that ends the scope with the first task that succeeds. If none does, the exit throws the first failure,
     * with the others suppressed. An {@link Error} cancels the scope at once.
     *
     * @return the policy
     */
    static ScopePolicy anySuccessfulOrThrow() {
        return Policies.ANY_SUCCESSFUL;
    }

    /**
     * Returns a policy under which no failure of a task cancels the scope or is thrown by its exit. The tasks have their
     * outcomes.
     *
     * @return the policy
     */
    static ScopePolicy awaitAll() {
        return Policies.AWAIT_ALL;
    }

    /**
     * Returns a policy that ends the scope with the first task for which something holds. Until then it goes on, whatever
     * fails; no failure is thrown by the exit.
     *
     * @param isDone asked about each task that has ended
     * @return a new policy
     * @throws NullPointerException if the predicate is null
     */
    static ScopePolicy allUntil(Predicate<? super Task<?>> isDone) {
        Objects.requireNonNull(isDone, "isDone");
        return (task, failure) -> isDone.test(task) ? Verdict.END : Verdict.CONTINUE;
    }
}
