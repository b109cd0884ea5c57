// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.trees.Records.Frame;
import io.traio.trees.Records.OfScope;
import io.traio.trees.Records.OfTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A callback of a task or, if there is none, of a scope. */
final class Callback {
    private final Book book;
    private final Program program;
    private final Step step;

    @Nullable
    private final OfTask task;

    private final Book.Callback record;
    private volatile boolean registering = true;

    Callback(Book book, Program program, Step step, @Nullable OfTask task) {
        this.book = book;
        this.program = program;
        this.step = step;
        this.task = task;
        record = new Book.Callback(step.op + " of #" + step.target, new AtomicInteger());
    }

    void registered() {
        registering = false;
        book.callbacks.add(record);
    }

    void run(Runnable first) {
        book.callbacksRunning.incrementAndGet();
        record.runs().incrementAndGet();
        OfScope scope = task != null ? task.scope : null;
        if (!registering && scope != null && scope.left && !task.ranAfterExit && !task.events.contains("straggling")) {
            boolean abandoned = task.step.taskOptions.abandonOnCancel();
            book.require(abandoned, "code-after-exit", record.name() + " runs after the exit of " + scope);
        }
        OfScope inside = step.op == Step.Op.DEFER ? book.scopes.get(step.target) : scope;
        Frame frame = new Frame(Frame.Kind.CALLBACK, inside, task, Book.TOP.get());
        Book.TOP.set(frame);
        try {
            first.run();
            program.run(step.body);
        } catch (Throwable t) {
            if (step.op != Step.Op.DEFER) {
                // What a release throws is thrown by the exit.
                book.callbackFailures.add(t);
            }
            if (step.op == Step.Op.DEFER && !book.isNew(t)) {
                // A close throws nothing that its owner has got before.
                book.gave(t);
            } else {
                book.threw(frame.toString(), t, false);
            }
            throw Calls.<RuntimeException>sneaky(t);
        } finally {
            book.callbacksRunning.decrementAndGet();
            Calls.pop(frame);
        }
    }
}
