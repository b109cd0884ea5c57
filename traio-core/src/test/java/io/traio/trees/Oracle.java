// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.ScopeTimeoutException;
import io.traio.StragglerException;
import io.traio.Task;
import io.traio.trees.Book.Received;
import io.traio.trees.Book.Thrown;
import io.traio.trees.Records.OfScope;
import io.traio.trees.Records.OfTask;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** What is to hold once a tree is over. */
final class Oracle {

    private final Book book;

    Oracle(Book book) {
        this.book = book;
    }

    /** What has not ended yet; null if all has. */
    static @Nullable String unfinished(Book book) {
        for (int i = 0; i < book.tasks.length(); i++) {
            OfTask task = book.tasks.get(i);
            if (task != null && task.handle != null) {
                boolean done = task.handle.isDone() && !task.running && matches(task.events, "spawned", "ended");
                if (!done
                        || !matches(task.events, "straggling", "stragglerEnded")
                        || !matches(task.events, "abandoned", "abandonedEnded")) {
                    return task.handle + " " + task.events;
                }
            }
            OfScope scope = book.scopes.get(i);
            if (scope != null && scope.scope != null && !matches(scope.events, "opened", "closed")) {
                return scope.scope + " " + scope.events + ", " + scope.scope.state();
            }
        }
        for (Book.Callback callback : book.callbacks) {
            if (callback.runs().get() == 0) {
                return "callback " + callback.name();
            }
        }
        return null;
    }

    private static boolean matches(java.util.Queue<String> events, String first, String second) {
        return events.contains(first) == events.contains(second);
    }

    void judge() {
        for (int i = 0; i < book.tasks.length(); i++) {
            if (book.tasks.get(i) != null) {
                task(book.tasks.get(i));
            }
            if (book.scopes.get(i) != null) {
                scope(book.scopes.get(i));
            }
        }
        for (Book.Callback callback : book.callbacks) {
            int runs = callback.runs().get();
            book.require(runs == 1, "callback-count", callback.name() + " ran " + runs + " times");
        }
        failures();
    }

    // ---- events and outcomes ----

    private void scope(OfScope scope) {
        List<String> events = List.copyOf(scope.events);
        boolean inOrder = events.isEmpty()
                || events.equals(List.of("opened", "closed"))
                || events.equals(List.of("opened", "cancelled", "closed"));
        book.require(inOrder, "listener-order", scope + " " + events);
    }

    private void task(OfTask task) {
        Task<Object> handle = task.handle;
        if (handle == null) {
            book.require(task.starts.get() == 0, "outcome", task + " was not spawned, and ran");
            return;
        }
        List<String> events = List.copyOf(task.events);
        String text = task + " " + events + ", " + handle.status();
        int spawned = events.indexOf("spawned");
        int started = events.indexOf("started");
        int ended = events.indexOf("ended");
        boolean once = Set.copyOf(events).size() == events.size();
        boolean inOrder = spawned == 0 && ended > 0 && started < ended && (started > 0 || task.starts.get() == 0);
        book.require(once && inOrder, "listener-order", text);
        book.require(task.cancelled.get() <= 1, "outcome", text + " was cancelled by two calls");
        outcome(task, handle, text);
    }

    private void outcome(OfTask task, Task<Object> handle, String text) {
        Throwable failure = null;
        Object value = null;
        try {
            value = handle.get();
        } catch (ExecutionException e) {
            failure = e.getCause();
            task.failure = failure;
        } catch (CancellationException e) {
            failure = e;
        } catch (InterruptedException | RuntimeException e) {
            book.fault("outcome", text + " gives " + e);
        }
        boolean right = switch (handle.status()) {
            case SUCCEEDED ->
                task.ended
                        && task.thrown == null
                        && Integer.valueOf(task.step.id).equals(value);
            case FAILED ->
                task.starts.get() == 0
                        ? book.setFailures.contains(failure) || failure instanceof RejectedExecutionException
                        : failure == task.thrown;
            case CANCELLED -> failure instanceof CancellationException && handle.isCancelled();
            default -> false;
        };
        book.require(right, "outcome", text + " gave " + value + ", " + failure + ", and threw " + task.thrown);
        if (book.tree.threads() == Tree.Kind.REFUSING && !task.scope.step.scopeOptions.isLimited()) {
            boolean refused = failure instanceof RejectedExecutionException && task.starts.get() == 0;
            // One that was refused may have been run by a thread that a waiter was lent.
            boolean fits = !refused || task.refused;
            book.require(fits, "outcome-refused", text + ", refused " + task.refused + ", gave " + failure);
        }
        boolean counted = task.cancelled.get() == 0 || handle.isCancelled();
        book.require(counted, "outcome", text + " was cancelled, and is not");
        if (task.ranAfterExit) {
            book.require(isNamed(task), "straggler-not-named", text);
        }
    }

    private boolean isNamed(OfTask task) {
        for (Received received : book.received) {
            for (Throwable t : Chains.reachable(received.failure())) {
                if (t instanceof StragglerException s && s.stragglers().contains(task.handle.name())) {
                    return true;
                }
            }
        }
        return book.log.entries().stream()
                .anyMatch(entry -> entry.isLoud() && entry.message().contains(task.handle.displayName()));
    }

    // ---- failures ----

    private void failures() {
        // The last time at which a throwable was seen outside of the code that threw it, loudly and at all.
        Map<Throwable, Long> loud = new IdentityHashMap<>();
        Map<Throwable, Long> quiet = new IdentityHashMap<>();
        Set<Throwable> roots = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Received received : book.received) {
            seen(loud, received.failure(), received.at());
            roots.add(received.failure());
        }
        Map<Throwable, Integer> logged = new IdentityHashMap<>();
        for (LogBook.Entry entry : book.log.entries()) {
            if (entry.thrown() != null) {
                seen(entry.isLoud() ? loud : quiet, entry.thrown(), entry.at());
                roots.add(entry.thrown());
                if (entry.isLoud()) {
                    logged.merge(Chains.unwrap(entry.thrown()), 1, Integer::sum);
                }
            }
        }
        Map<Throwable, Integer> times = new IdentityHashMap<>();
        for (Thrown thrown : book.thrown) {
            Throwable failure = Chains.unwrap(thrown.failure());
            times.merge(failure, 1, Integer::sum);
            if (isRealFailure(failure) && !thrown.mayVanish()) {
                found(thrown, failure, loud, quiet);
            }
            roots.add(failure);
        }
        logged.forEach((failure, count) -> {
            int most = times.getOrDefault(failure, 0);
            if (failure instanceof Boom && count > Math.max(1, most)) {
                book.fault("logged-twice", failure + " was logged " + count + " times, thrown " + most + " times");
            }
        });
        for (Throwable root : roots) {
            chains(root);
        }
    }

    private static boolean isRealFailure(Throwable failure) {
        return failure instanceof Boom
                || failure instanceof ScopeTimeoutException
                || failure instanceof StragglerException;
    }

    private static void seen(Map<Throwable, Long> seen, Throwable root, long at) {
        for (Throwable t : Chains.reachable(root)) {
            seen.merge(t, at, Math::max);
        }
    }

    private void found(Thrown thrown, Throwable failure, Map<Throwable, Long> loud, Map<Throwable, Long> quiet) {
        if (loud.getOrDefault(failure, -1L) > thrown.at()) {
            return;
        }
        boolean signal = Chains.isSignal(failure);
        if (signal && (!book.tree.debug() || quiet.getOrDefault(failure, -1L) > thrown.at())) {
            return;
        }
        String promise = signal ? "failure-lost-interruption-inside" : "failure-lost";
        if (isClaimedByCallback(thrown)) {
            promise += "-to-callback";
        }
        String cancelled = thrown.cancelled() ? " (cancelled by then)" : "";
        book.fault(promise, Chains.text(failure) + "thrown by " + thrown.from() + cancelled + ", was seen nowhere");
    }

    /** Whether the failure is one of a task on which there is a callback, or a future, that has not looked at it. */
    private boolean isClaimedByCallback(Thrown thrown) {
        for (int i = 0; i < book.tasks.length(); i++) {
            OfTask task = book.tasks.get(i);
            if (task != null && (task.thrown == thrown.failure() || task.failure == thrown.failure())) {
                boolean[] claimed = {false};
                book.tree.forEach(step -> {
                    boolean claims = step.op == Step.Op.FUTURE || step.op == Step.Op.ON_TASK_DONE;
                    claimed[0] |= claims && step.target == task.step.id;
                });
                if (claimed[0]) {
                    return true;
                }
            }
        }
        return false;
    }

    private void chains(Throwable root) {
        String cycle = Chains.cycle(root);
        String twice = Chains.twice(root);
        if (cycle != null) {
            book.fault("cycle", cycle + "\n" + Chains.text(root));
        } else if (twice != null) {
            book.fault("suppressed-twice", twice + "\n" + Chains.text(root));
        }
    }
}
