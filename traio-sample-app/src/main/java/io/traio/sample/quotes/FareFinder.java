// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import io.traio.sample.suppliers.SupplierServer;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * Finds fares. This is where the application uses traio:
 *
 * <pre>
 * quotes                 the search, from the first row in the database to the last
 * ├── progress           a background task: reports, and ends with the search
 * └── suppliers          a child scope, with the timeout of the search
 *     ├── alpha          a task for each supplier, which does not bubble
 *     └── beta, ...
 * </pre>
 */
@Service
final class FareFinder {

    private static final Logger log = LoggerFactory.getLogger(FareFinder.class);
    private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(250);

    private final ScopeFactory scopes;
    private final SupplierClient client;
    private final QuoteStore store;
    private final List<String> suppliers;

    FareFinder(ScopeFactory scopes, SupplierClient client, QuoteStore store, SupplierServer server) {
        this.scopes = scopes;
        this.client = client;
        this.store = store;
        this.suppliers = server.names();
    }

    /** Returns the names of the suppliers that are asked. */
    List<String> suppliers() {
        return suppliers;
    }

    /**
     * Asks all suppliers at once, and stores the search and its quotes.
     *
     * @throws io.traio.ScopeCancelledException if an operator cancels the search as a whole
     */
    SearchResult find(Search search) {
        long start = System.nanoTime();
        return scopes.call("quotes", scope -> {
            long id = store.begin(search);
            List<Enquiry> enquiries = suppliers.stream()
                    .map(supplier -> new Enquiry(supplier, () -> client.quote(supplier, search)))
                    .toList();
            scope.spawn("progress", () -> reportProgress(id, scope, start), t -> t.withAwaited(false));

            boolean timedOut = ask(enquiries, search, scope);

            List<Quote> quotes = enquiries.stream()
                    .map(Enquiry::quote)
                    .flatMap(Optional::stream)
                    .sorted(Comparator.comparing(Quote::price))
                    .toList();
            store.finish(id, quotes);
            List<SupplierReport> reports =
                    enquiries.stream().map(enquiry -> enquiry.report(timedOut)).toList();
            return new SearchResult(id, search.from(), search.to(), quotes, reports, millisSince(start));
        });
    }

    /**
     * Asks in a child scope, whose timeout ends the enquiries but not the search.
     *
     * @return whether the timeout passed before all suppliers had answered
     */
    private static boolean ask(List<Enquiry> enquiries, Search search, Scope scope) {
        try {
            scope.fork().run("suppliers", s -> s.withTimeout(search.timeout()), group -> {
                List<Task<Quote>> tasks = enquiries.stream()
                        .map(enquiry -> enquiry.spawnIn(group))
                        .toList();
                AtomicInteger wanted = new AtomicInteger(search.enough());
                tasks.forEach(task -> task.onDone(done -> {
                    if (done.status() == Task.Status.SUCCEEDED && wanted.decrementAndGet() == 0) {
                        group.cancel(); // silently: the other quotes are no longer needed
                    }
                }));
            });
            return false;
        } catch (ScopeTimeoutException e) {
            // Always this scope's own timeout: that of a scope above would arrive as a ScopeCancelledException.
            return true;
        } catch (ScopeCancelledException e) {
            if (scope.isCancelled()) {
                throw e;
            }
            return false; // an operator has cancelled the suppliers only: the quotes so far still count
        }
    }

    /** Runs until the end of the search cancels it. */
    private static Void reportProgress(long id, Scope scope, long start) throws InterruptedException {
        while (true) {
            Thread.sleep(PROGRESS_INTERVAL.toMillis());
            List<String> open = scope.snapshot().children().stream()
                    .flatMap(child -> child.tasks().stream())
                    .map(task -> task.displayName())
                    .toList();
            log.info("Search {} has waited {} ms for {}", id, millisSince(start), open);
        }
    }

    private static long millisSince(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }
}
