// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.Scope;
import io.traio.Task;
import io.traio.trees.Records.Frame;
import io.traio.trees.Records.OfScope;
import io.traio.trees.Records.OfTask;
import io.traio.trees.Verdict.Call;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** Calls of the engine by user code, with what is to hold on both sides of each. */
final class Calls {

    private final Book book;
    private final Verdict verdict;

    Calls(Book book) {
        this.book = book;
        verdict = new Verdict(book);
    }

    <T> T call(Call call, @Nullable OfScope scope, @Nullable OfTask task, Callable<T> code) throws Exception {
        return call(call, true, scope, scope, task, code);
    }

    /** Opens a scope with a body, or joins one: whether it was opened at all is seen by its record. */
    <T> T exit(@Nullable OfScope parent, OfScope record, Callable<T> code) throws Exception {
        record.leaving = Thread.currentThread();
        try {
            return call(Call.EXIT, true, parent, record, null, code);
        } finally {
            record.leaving = null;
            left(record);
        }
    }

    /** Waits for a scope that is shared or another's; the code returns whether the scope has ended. */
    void awaiting(OfScope scope, Callable<Boolean> code) throws Exception {
        boolean ended = false;
        try {
            ended = call(Call.AWAIT, scope, null, code);
        } finally {
            book.require(!ended || scope.isOver(), "exit-too-early", scope + " was awaited and is not over");
            left(scope);
        }
    }

    void spawning(Call call, OfScope scope, OfTask task, Callable<?> code) throws Exception {
        boolean waits = call == Call.JOIN || book.tree.threads().isInline();
        call(call, waits, scope, scope, task, code);
    }

    private <T> T call(
            Call kind,
            boolean waits,
            @Nullable OfScope parent,
            @Nullable OfScope scope,
            @Nullable OfTask task,
            Callable<T> code)
            throws Exception {
        Frame top = Book.TOP.get();
        Object mdc = Book.MDC.get();
        Object context = Book.CONTEXT.get();
        count(waits ? top : null, 1);
        try {
            return code.call();
        } catch (Throwable t) {
            Watch.MAKING.remove();
            if (kind == Call.EXIT && scope != null && scope.scope == null) {
                verdict.judge(t, Call.OPEN, top, parent, null);
            } else if (kind == Call.JOIN && scope != null && task != null && task.handle == null) {
                verdict.judge(t, Call.SPAWN, top, scope, null);
            } else {
                verdict.judge(t, kind, top, scope, task);
            }
            throw t;
        } finally {
            count(waits ? top : null, -1);
            String where = " after " + kind + " of " + (task != null ? task : scope) + " in " + top;
            book.require(Book.MDC.get() == mdc, "thread-local-of-others", "sees " + Book.MDC.get() + where);
            book.require(Book.CONTEXT.get() == context, "context", "sees " + Book.CONTEXT.get() + where);
            book.require(Book.TOP.get() == top, "code-left", "in " + Book.TOP.get() + where);
            if (kind != Call.OPEN) {
                // What was opened may be the current scope by now, and cancelled.
                current(top, where);
                boolean justified = !Thread.currentThread().isInterrupted() || book.isInterruptJustified();
                book.require(justified, "interrupt-leaked", "flag set" + where);
            }
        }
    }

    private static void count(@Nullable Frame top, int by) {
        for (Frame f = top; f != null; f = f.outer) {
            if (f.kind == Frame.Kind.TASK) {
                f.task.scope.calls.addAndGet(by);
                f.task.scope.callsBegun.addAndGet(by > 0 ? 1 : 0);
            }
        }
    }

    private void current(@Nullable Frame top, String where) {
        if (top == null) {
            current((Scope) null, where);
        } else {
            Optional<Scope> expected = top.expectedCurrent();
            if (expected != null && expected.isPresent()) {
                current(expected.get(), where);
            }
        }
    }

    void current(@Nullable Scope expected, String where) {
        Scope current = Scope.current().orElse(null);
        // A factory that closes ends the scope of an owner that does not come in time: a dead scope is never current.
        boolean ended =
                book.factoryClosing && expected != null && expected.state().compareTo(Scope.State.ENDING) >= 0;
        book.require(
                current == expected || ended, "current-scope", current + " is current, not " + expected + ", " + where);
    }

    /** The code of a task starts on this thread. */
    void started(OfTask task, @Nullable Frame outer) {
        task.running = true;
        OfScope scope = task.scope;
        book.require(task.starts.incrementAndGet() == 1, "outcome", task + " runs twice");
        if (scope.left && !mayRunOn(task)) {
            book.fault("code-after-exit", task + " starts after the exit of " + scope);
        }
        book.require(task.handle != null, "listener-order", task + " starts, and no listener knows of it");
        if (!book.tree.threads().isInline()) {
            book.require(outer == null, "runs-on-thread-of-others", task + " runs inside " + outer);
            book.require(Book.MDC.get() == null, "thread-local-of-others", task + " sees " + Book.MDC.get());
        }
        Object context = Book.CONTEXT.get();
        book.require(context == task.context, "context", task + " has " + context + ", not " + task.context);
        current(scope.scope, "as " + task + " starts");
        if (Thread.currentThread().isInterrupted() && !task.isCancelled() && !book.isInterruptJustified()) {
            book.require(task.isCancelled(), "interrupt-leaked", task + " starts with an interrupt flag");
        }
        permits(task);
    }

    private void permits(OfTask task) {
        OfScope scope = task.scope;
        int limit = scope.step.scopeOptions.maxConcurrency();
        if (limit == 0) {
            return;
        }
        task.lent = scope.calls.get() > 0 || scope.callsBegun.get() != task.callsBegunAtSpawn;
        List<OfTask> running = scope.tasks.stream()
                .filter(each -> each.running && !each.lent && !each.isCancelled())
                .toList();
        book.require(running.size() <= limit, "permits", "tasks " + running + " of " + scope + " run, not " + limit);
    }

    /** A scope was left, if it is over: what of it still runs is a straggler or abandoned. */
    void left(OfScope scope) {
        if (!scope.isOver()) {
            return;
        }
        scope.left = true;
        for (int i = 0; i < book.tasks.length(); i++) {
            OfTask task = book.tasks.get(i);
            if (task == null || !task.running || !task.scope.isWithin(scope)) {
                continue;
            }
            Frame body = task.scope.body;
            boolean within =
                    task.scope != scope && (verdict.mayStraggle() || body != null && body.isStragglerOrAbandoned());
            if (!mayRunOn(task) && !within && task.running) {
                book.fault("code-after-exit", task + " (" + task.handle + ") runs after the exit of " + scope);
            }
        }
    }

    /** Whether the code of a task may run after the exit of its scope. A straggler is to be named, then. */
    private static boolean mayRunOn(OfTask task) {
        Task<Object> handle = task.handle;
        if (handle != null && handle.status() == Task.Status.STRAGGLING) {
            task.ranAfterExit = true;
            return true;
        }
        return task.step.taskOptions.abandonOnCancel() && task.isCancelled();
    }

    static void pop(Frame frame) {
        frame.running = false;
        if (frame.outer == null) {
            Book.TOP.remove();
        } else {
            Book.TOP.set(frame.outer);
        }
    }

    @SuppressWarnings("unchecked") // X is chosen by the caller for the compiler's sake
    static <X extends Throwable> X sneaky(Throwable failure) throws X {
        throw (X) failure;
    }
}
