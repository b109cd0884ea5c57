// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.Scope;
import io.traio.trees.Records.Frame;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Code with a hook, which is called once and only while that code is cancelled. */
final class Hooked {

    private final Book book;
    private final Program program;
    private final Step step;
    private final @Nullable Frame top = Book.TOP.get();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean over;

    Hooked(Book book, Program program, Step step) {
        this.book = book;
        this.program = program;
        this.step = step;
    }

    void run() throws Exception {
        Duration wait = Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(step.micros));
        try (Scope.CancelHook hook = Scope.onCancel(wait, this::called)) {
            program.run(step.body);
        } finally {
            over = true;
        }
    }

    private void called() {
        book.require(calls.incrementAndGet() == 1, "hook", "called again in " + top);
        book.require(!over, "hook", "called after the close in " + top);
        boolean cancelled = false;
        for (Frame f = top; f != null && !cancelled; f = f.around()) {
            cancelled = f.kind == Frame.Kind.CALLBACK || f.isCancelled() || f.scope != null && f.scope.isCancelled();
        }
        book.require(cancelled, "hook", "called in " + top + ", which is not cancelled");
    }
}
