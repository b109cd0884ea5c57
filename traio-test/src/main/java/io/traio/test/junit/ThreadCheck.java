// SPDX-License-Identifier: Apache-2.0
package io.traio.test.junit;

import io.traio.OpenScope;
import io.traio.Scope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks what a test leaves on its thread, and cleans that up. */
final class ThreadCheck {

    /** A test. */
    interface Test {

        @Nullable
        Void proceed() throws Throwable;
    }

    private final boolean interrupted = Thread.currentThread().isInterrupted();
    private final @Nullable Scope current = Scope.peek().orElse(null);

    private ThreadCheck() {}

    static void around(Test test) throws Throwable {
        ThreadCheck check = new ThreadCheck();
        try {
            test.proceed();
        } catch (Throwable failure) {
            AssertionError left = check.left();
            if (left != null) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
        AssertionError left = check.left();
        if (left != null) {
            throw left;
        }
    }

    private @Nullable AssertionError left() {
        List<String> found = new ArrayList<>();
        // Cleared first: it would end the close of a scope that was left open.
        if (!interrupted && Thread.interrupted()) {
            found.add("The test left the interrupt flag of its thread set: " + Thread.currentThread());
        }
        List<Throwable> closing = new ArrayList<>();
        Scope left = Scope.peek().orElse(null);
        while (left != null && left != current) {
            found.add("The test left " + left + " as the current scope of its thread: close it, or what has bound it");
            Scope next = close(left, closing) ? Scope.peek().orElse(null) : null;
            left = next == left ? null : next;
        }
        if (found.isEmpty()) {
            return null;
        }
        AssertionError error = new AssertionError(String.join("\n", found));
        closing.forEach(error::addSuppressed);
        return error;
    }

    /** Returns whether the scope could be closed: one that is merely bound to this thread is not this thread's to close. */
    private static boolean close(Scope scope, List<Throwable> failures) {
        if (!(scope instanceof OpenScope open)) {
            return false;
        }
        try {
            open.cancel("left open by a test");
            open.close();
        } catch (RuntimeException | Error e) {
            failures.add(e);
        }
        return true;
    }
}
