// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.operators;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeOpener;
import io.traio.ScopeOptions;
import io.traio.ScopeOptions.Overflow;
import io.traio.ScopePolicy;
import io.traio.Task;
import io.traio.TaskOptions;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The scope of one call of an operator. */
public final class OperatorScope {

    /** What a scope does for an operator. */
    @FunctionalInterface
    interface Body {
        void run(Scope scope) throws Exception;
    }

    private static final String[] NUMBERS = {"1", "2", "3", "4", "5", "6", "7", "8"};

    private final ScopeOpener opener;
    private final String kind;
    private final String name;
    private final UnaryOperator<ScopeOptions> options;
    private final Discards discards;
    private @Nullable Scope scope;

    /**
     * Makes a scope that is not open yet.
     *
     * @param opener opens it
     * @param kind name of the operator
     * @param name name of the scope
     * @param options the caller's changes of its options
     * @param hooks what to do with values that nobody gets
     */
    public OperatorScope(
            ScopeOpener opener, String kind, String name, UnaryOperator<ScopeOptions> options, Discards.Hooks hooks) {
        this.opener = opener;
        this.kind = kind;
        this.name = name;
        this.options = options;
        this.discards = new Discards(hooks);
    }

    String kind() {
        return kind;
    }

    /** Opens the scope, runs the body in it, and waits for all tasks. If that throws, all values are discarded. */
    void run(ScopePolicy policy, Body body) {
        try {
            opener.run(name, defaults -> own(options.apply(defaults), policy), opened -> {
                scope = opened;
                body.run(opened);
            });
        } catch (Throwable e) {
            discards.settle(scope, null);
            throw e;
        }
    }

    /** What makes the operator stays as it is, whatever the caller and the factory want. */
    private ScopeOptions own(ScopeOptions chosen, ScopePolicy policy) {
        ScopeOptions own = chosen.withPolicy(policy).withKind(kind);
        return own.overflow() == Overflow.QUEUE ? own : own.withOverflow(Overflow.QUEUE);
    }

    /**
     * As above, where each task has to succeed. If that does not throw, it is asked whether a task was cancelled by itself, and
     * the results are not complete.
     */
    void runAll(ScopePolicy policy, Body body, BooleanSupplier taskWasCancelled) {
        run(policy, body);
        if (taskWasCancelled.getAsBoolean()) {
            discards.settle(scope, null);
            throw new CancellationException(label() + " has no result: a task of it was cancelled");
        }
        if (isCancelled()) {
            throw cancelled();
        }
    }

    <T extends @Nullable Object> Task<T> spawn(Scope target, int number, Callable<? extends T> work) {
        String task = number < NUMBERS.length ? NUMBERS[number] : Integer.toString(number + 1);
        return target.spawn(task, discards.keeping(work), OperatorScope::own);
    }

    <T extends @Nullable Object> void spawn(Scope target, Callable<? extends T> work, UnaryOperator<TaskOptions> own) {
        target.<T>spawn(discards.keeping(work), own);
    }

    /** Whatever the defaults are, the operator gets the failure of each task and waits for it. */
    static TaskOptions own(TaskOptions t) {
        return t == TaskOptions.DEFAULT
                ? t
                : t.withMaster(false).withBubble(true).withToJoin(false).withAwaited(true);
    }

    /** One value goes to the caller, and all others are discarded. */
    <T extends @Nullable Object> T delivered(T value) {
        discards.settle(scope, value);
        return value;
    }

    /** No value of a task is for the caller, who gets an exception that says so. */
    ScopeCancelledException cancelled() {
        discards.settle(scope, null);
        String why = scope != null ? " (" + scope.snapshot(1).cancelled() + ")" : "";
        return new ScopeCancelledException(label() + " was cancelled" + why + " before it had a result", null);
    }

    boolean isCancelled() {
        return scope != null && scope.isCancelled();
    }

    String label() {
        return scope != null ? kind + " '" + scope.displayName() + "' (#" + scope.id() + ")" : kind;
    }
}
