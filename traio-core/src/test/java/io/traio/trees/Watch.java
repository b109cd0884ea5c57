// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.Scope;
import io.traio.Task;
import io.traio.spi.CancelReason;
import io.traio.spi.ContextPropagator;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import io.traio.trees.Records.OfScope;
import io.traio.trees.Records.OfTask;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The listener of a tree: finds the records of scopes and tasks as they are made, and notes what it is notified of. */
final class Watch implements ScopeListener {

    /** What this thread is opening or spawning just now. */
    static final ThreadLocal<Object> MAKING = new ThreadLocal<>();

    /** The task that this thread is spawning just now, if it goes to its executor at once. */
    static final ThreadLocal<Object> SPAWNING = new ThreadLocal<>();

    private final Book book;
    private final Map<Object, Object> records = new ConcurrentHashMap<>();
    /** Events of what is not known yet: none comes before it is opened or spawned, if all is well. */
    private final Map<Object, Queue<String>> unknown = new ConcurrentHashMap<>();

    Watch(Book book) {
        this.book = book;
    }

    @Override
    public void scopeOpened(Scope scope) {
        if (MAKING.get() instanceof OfScope record) {
            MAKING.remove();
            records.put(scope, record);
            note(scope, "opened");
            // Only now may other threads find it.
            record.scope = scope;
        } else {
            note(scope, "opened");
        }
    }

    @Override
    public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
        boolean ofOwner = records.get(scope) instanceof OfScope record && book.isOwnersOwn(record.openedBy);
        if (reason != CancelReason.INTERRUPT && ofOwner) {
            book.ownCancels.add(System.nanoTime());
        }
        note(scope, "cancelled");
    }

    @Override
    public void scopeClosed(Scope scope, ScopeOutcome outcome) {
        if (records.get(scope) instanceof OfScope record) {
            for (OfTask task : record.tasks) {
                if (!task.events.contains("ended") && !task.events.contains("straggling") && task.handle != null) {
                    book.fault("listener-order", scope + " is closed before " + task + " " + task.events);
                }
            }
        }
        note(scope, "closed");
    }

    @Override
    @SuppressWarnings("unchecked") // random tasks give objects
    public void taskSpawned(Task<?> task) {
        if (MAKING.get() instanceof OfTask record) {
            MAKING.remove();
            records.put(task, record);
            note(task, "spawned");
            record.handle = (Task<Object>) task;
        } else {
            note(task, "spawned");
        }
    }

    @Override
    public void taskStarted(Task<?> task, long waitNanos) {
        note(task, "started");
    }

    @Override
    public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
        book.require(task.isDone(), "listener-order", task + " has ended and is not done");
        note(task, "ended");
    }

    @Override
    public void taskStraggling(Task<?> task) {
        note(task, "straggling");
    }

    @Override
    public void stragglerEnded(Task<?> task) {
        note(task, "stragglerEnded");
    }

    @Override
    public void taskAbandoned(Task<?> task) {
        note(task, "abandoned");
    }

    @Override
    public void abandonedEnded(Task<?> task) {
        note(task, "abandonedEnded");
    }

    private synchronized void note(Object subject, String event) {
        Object record = records.get(subject);
        Queue<String> waiting = unknown.computeIfAbsent(subject, unseen -> new ConcurrentLinkedQueue<>());
        waiting.add(event);
        if (record instanceof OfScope scope) {
            scope.events.addAll(waiting);
            waiting.clear();
        } else if (record instanceof OfTask task) {
            task.events.addAll(waiting);
            waiting.clear();
        }
    }

    /** What nobody has opened or spawned. */
    void judge() {
        unknown.forEach((subject, events) -> {
            // The engine opens a scope for each release.
            boolean release = subject instanceof Scope scope && scope.name().equals("release");
            List<String> seen =
                    events.stream().filter(event -> !event.equals("cancelled")).toList();
            boolean right = release ? seen.equals(List.of("opened", "closed")) : events.isEmpty();
            book.require(right, "listener-order", subject + " is unknown and " + events);
        });
    }

    /** A listener that throws at every seventh event. */
    static ScopeListener throwing(Book book) {
        AtomicInteger count = new AtomicInteger();
        Runnable perhaps = () -> {
            int at = count.incrementAndGet();
            if (at % 7 == 3) {
                Boom.Unchecked boom = new Boom.Unchecked(book.tree.seed() + "/listener/" + at, null);
                book.threw("listener", boom, false);
                throw boom;
            }
        };
        return new ScopeListener() {
            @Override
            public void scopeOpened(Scope scope) {
                perhaps.run();
            }

            @Override
            public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
                perhaps.run();
            }

            @Override
            public void scopeClosed(Scope scope, ScopeOutcome outcome) {
                perhaps.run();
            }

            @Override
            public void taskSpawned(Task<?> task) {
                perhaps.run();
            }

            @Override
            public void taskStarted(Task<?> task, long waitNanos) {
                perhaps.run();
            }

            @Override
            public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
                perhaps.run();
            }
        };
    }

    /** Carries {@link Book#CONTEXT}. */
    static ContextPropagator carrying() {
        return () -> {
            Object captured = Book.CONTEXT.get();
            return () -> {
                Object before = Book.CONTEXT.get();
                Book.CONTEXT.set(captured);
                return () -> set(Book.CONTEXT, before);
            };
        };
    }

    /** A propagator that throws now and then: as it captures, as it sets, as it restores. */
    static ContextPropagator throwing(Book book, Queue<Throwable> setFailures) {
        AtomicInteger count = new AtomicInteger();
        return () -> {
            int at = count.incrementAndGet();
            if (at % 11 == 5) {
                throw new Boom.Unchecked(book.tree.seed() + "/capture/" + at, null);
            }
            return () -> {
                if (at % 11 == 7) {
                    Boom.Unchecked boom = new Boom.Unchecked(book.tree.seed() + "/set/" + at, null);
                    setFailures.add(boom);
                    book.threw("propagator", boom, false);
                    throw boom;
                }
                return () -> {
                    if (at % 11 == 9) {
                        Boom.Unchecked boom = new Boom.Unchecked(book.tree.seed() + "/restore/" + at, null);
                        book.threw("propagator", boom, false);
                        throw boom;
                    }
                };
            };
        };
    }

    static void set(ThreadLocal<Object> local, @Nullable Object value) {
        if (value == null) {
            local.remove();
        } else {
            local.set(value);
        }
    }
}
