// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.Task;
import io.traio.sample.quotes.SupplierReport.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** One supplier's part of a search: its task, how long that took, and how it ended. */
final class Enquiry {

    private final String supplier;
    private final Callable<Quote> question;
    private @Nullable Task<Quote> task;
    private long nanos;

    Enquiry(String supplier, Callable<Quote> question) {
        this.supplier = supplier;
        this.question = question;
    }

    /** Spawns the task that asks. A failure is the supplier's and not the search's, so it does not bubble. */
    Task<Quote> spawnIn(Scope scope) {
        task = scope.spawn(supplier, this::ask, t -> t.withBubble(false));
        return task;
    }

    private Quote ask() throws Exception {
        long start = System.nanoTime();
        try {
            return question.call();
        } finally {
            nanos = System.nanoTime() - start; // visible to any thread once the scope has ended
        }
    }

    /** Returns the quote, if the supplier gave one. Call it after the end of the scope. */
    Optional<Quote> quote() {
        return task != null && task.status() == Task.Status.SUCCEEDED ? Optional.of(task.join()) : Optional.empty();
    }

    /** Returns how the enquiry ended. Call it after the end of the scope. */
    SupplierReport report(boolean timedOut) {
        Outcome ifNotDone = timedOut ? Outcome.TIMED_OUT : Outcome.CANCELLED;
        if (task == null) {
            return report(ifNotDone, "not asked");
        }
        try {
            task.join();
            return report(Outcome.OK, null);
        } catch (CancellationException | ScopeCancelledException e) {
            return report(ifNotDone, null);
        } catch (RuntimeException e) {
            return report(Outcome.FAILED, e.getMessage());
        }
    }

    private SupplierReport report(Outcome outcome, @Nullable String detail) {
        return new SupplierReport(supplier, outcome, Duration.ofNanos(nanos).toMillis(), detail);
    }
}
