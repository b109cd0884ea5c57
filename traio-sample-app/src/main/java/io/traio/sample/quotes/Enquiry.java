// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.Scope;
import io.traio.Task;
import io.traio.sample.quotes.SupplierReport.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** The part of a search that one supplier has in it: a task, how long it took, and what became of it. */
final class Enquiry {

    private final String supplier;
    private final Callable<Quote> question;
    private @Nullable Task<Quote> task;
    private long nanos;

    Enquiry(String supplier, Callable<Quote> question) {
        this.supplier = supplier;
        this.question = question;
    }

    /** Starts to ask. If that fails, it is the supplier's failure and not the search's: it does not bubble. */
    Task<Quote> spawnIn(Scope scope) {
        task = scope.spawn(supplier, this::ask, t -> t.withBubble(false));
        return task;
    }

    private Quote ask() throws Exception {
        long start = System.nanoTime();
        try {
            return question.call();
        } finally {
            nanos = System.nanoTime() - start; // seen by whoever reads it after the end of the scope
        }
    }

    /** The quote, if one was given; to be asked after the end of the scope. */
    Optional<Quote> quote() {
        return task != null && task.status() == Task.Status.SUCCEEDED ? Optional.of(task.join()) : Optional.empty();
    }

    /** What became of the enquiry; to be asked after the end of the scope. */
    SupplierReport report(boolean timedOut) {
        Outcome ifNotDone = timedOut ? Outcome.TIMED_OUT : Outcome.CANCELLED;
        if (task == null) {
            return report(ifNotDone, "not asked any more");
        }
        try {
            task.join();
            return report(Outcome.OK, null);
        } catch (CancellationException e) {
            return report(ifNotDone, null);
        } catch (RuntimeException e) {
            return report(Outcome.FAILED, e.getMessage());
        }
    }

    private SupplierReport report(Outcome outcome, @Nullable String detail) {
        return new SupplierReport(supplier, outcome, Duration.ofNanos(nanos).toMillis(), detail);
    }
}
