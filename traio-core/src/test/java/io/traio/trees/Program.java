// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeOpener;
import io.traio.Task;
import io.traio.trees.Records.Frame;
import io.traio.trees.Records.OfScope;
import io.traio.trees.Records.OfTask;
import io.traio.trees.Step.How;
import io.traio.trees.Step.Op;
import io.traio.trees.Verdict.Call;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The user code of a tree: runs its steps, step by step, on whatever thread they are on. */
final class Program {

    private final Book book;
    private final ScopeFactory factory;
    private final Calls calls;

    Program(Book book, ScopeFactory factory) {
        this.book = book;
        this.factory = factory;
        calls = new Calls(book);
    }

    void run(List<Step> steps) throws Exception {
        for (Step step : steps) {
            run(step);
        }
    }

    private void run(Step step) throws Exception {
        OfScope scope = step.target >= 0 && step.op != Op.SPAWN ? book.scopes.get(step.target) : null;
        OfTask task = step.target >= 0 ? book.tasks.get(step.target) : null;
        Scope known = scope != null ? scope.scope : null;
        Task<Object> handle = task != null ? task.handle : null;
        switch (step.op) {
            case SLEEP -> Pauses.sleep(book, step);
            case BUSY -> Pauses.busy(step.micros);
            case IGNORE -> Pauses.ignore(book, step);
            case FAIL -> throw Calls.<Exception>sneaky(Boom.of(book, step));
            case RUN, CALL -> withBody(step);
            case OPEN -> resource(step);
            case SHARED -> shared(step);
            case SPAWN -> spawn(step);
            case TRY -> attempt(step);
            case HOOK -> new Hooked(book, this, step).run();
            case INTERRUPT, INTERRUPT_SELF -> book.interruptOwner();
            case CLOSE_FACTORY -> {
                book.factoryClosing = true;
                calls.call(Call.OTHER, null, null, () -> {
                    factory.close();
                    return null;
                });
            }
            case CANCEL, AWAIT_DONE, SET_TIMEOUT, ON_SCOPE_DONE, DEFER, LOOK -> {
                if (known != null) {
                    withScope(step, scope, known);
                }
            }
            case CANCEL_TASK, JOIN, ON_TASK_DONE, FUTURE -> {
                if (handle != null) {
                    withTask(step, task, handle);
                }
            }
            default -> throw new AssertionError(step.op);
        }
    }

    // ---- scopes ----

    private ScopeOpener opener(Step step) throws Exception {
        OfScope from = step.scopeOptions.forkOf() >= 0 ? book.scopes.get(step.scopeOptions.forkOf()) : null;
        Scope known = from != null ? from.scope : null;
        return known != null ? calls.call(Call.OPEN, from, null, known::fork) : factory;
    }

    private OfScope record(Step step) {
        OfScope record = new OfScope(step);
        if (step.scopeOptions.timeoutMicros() > 0) {
            record.timeouts.add(new long[] {System.nanoTime(), step.scopeOptions.timeoutMicros() * 1_000L});
        }
        book.scopes.set(step.id, record);
        return record;
    }

    private void withBody(Step step) throws Exception {
        ScopeOpener opener = opener(step);
        OfScope record = record(step);
        OfScope parent = step.scopeOptions.forkOf() >= 0 ? book.scopes.get(step.scopeOptions.forkOf()) : null;
        Throwable[] thrown = {null};
        int[] met = {0};
        try {
            calls.exit(parent, record, () -> {
                Watch.MAKING.set(record);
                if (step.op == Op.CALL) {
                    Object value = opener.call(record.name(), step.scopeOptions::applyTo, scope -> {
                        body(record, thrown, met);
                        return step.id;
                    });
                    book.require(value.equals(step.id), "wrong-value", record + " returned " + value);
                } else {
                    opener.run(record.name(), step.scopeOptions::applyTo, scope -> body(record, thrown, met));
                }
                return null;
            });
        } finally {
            Frame body = record.body;
            if (body != null
                    && thrown[0] != null
                    && thrown[0] == body.theirs
                    && met[0] == book.interruptsMet
                    && !Thread.currentThread().isInterrupted()) {
                book.fault("interrupt-lost", record + ": its body has thrown an interrupt from outside");
            }
        }
    }

    private void body(OfScope record, Throwable[] thrown, int[] met) throws Exception {
        calls.current(record.scope, "the body of " + record);
        Frame frame = new Frame(Frame.Kind.BODY, record, null, Book.TOP.get());
        record.body = frame;
        Book.TOP.set(frame);
        try {
            run(record.step.body);
        } catch (Throwable t) {
            thrown[0] = t;
            book.threw(frame.toString(), t, frame.isCancelled());
            throw t;
        } finally {
            met[0] = book.interruptsMet;
            Calls.pop(frame);
        }
    }

    private void resource(Step step) throws Exception {
        ScopeOpener opener = opener(step);
        OfScope record = record(step);
        OfScope parent = step.scopeOptions.forkOf() >= 0 ? book.scopes.get(step.scopeOptions.forkOf()) : null;
        OpenScope scope = calls.call(Call.OPEN, parent, null, () -> {
            Watch.MAKING.set(record);
            return opener.open(record.name(), step.scopeOptions::applyTo);
        });
        Frame frame = new Frame(Frame.Kind.BODY, record, null, Book.TOP.get());
        record.body = frame;
        Book.TOP.set(frame);
        calls.current(scope, "the block of " + record);
        Throwable primary = null;
        boolean joined = false;
        try {
            run(step.body);
            if (step.how != How.NO_JOIN) {
                joined = true;
                Calls.pop(frame);
                calls.exit(parent, record, () -> {
                    scope.join();
                    return null;
                });
            }
        } catch (Throwable t) {
            primary = t;
        } finally {
            if (!joined) {
                Calls.pop(frame);
            }
        }
        record.leaving = Thread.currentThread();
        try {
            calls.call(joined ? Call.EXIT : Call.CLOSE_UNJOINED, record, null, () -> {
                scope.close();
                return null;
            });
            calls.left(record);
        } catch (Throwable t) {
            calls.left(record);
            book.require(t != primary, "close-throws-what-leaves", record + ": " + t);
            if (primary == null) {
                primary = t;
            } else if (t != primary && !Chains.reachable(primary).contains(book.shared)) {
                primary.addSuppressed(t);
            }
        }
        record.leaving = null;
        if (primary instanceof InterruptedException) {
            book.interruptsOfBlocks.add(primary);
        }
        if (primary != null) {
            // What is around gets it, with what the close has hung on it.
            book.received(primary);
            throw Calls.<Exception>sneaky(primary);
        }
    }

    private void shared(Step step) throws Exception {
        ScopeOpener opener = opener(step);
        OfScope record = record(step);
        OfScope parent = step.scopeOptions.forkOf() >= 0 ? book.scopes.get(step.scopeOptions.forkOf()) : null;
        OpenScope scope = calls.call(Call.OPEN, parent, null, () -> {
            Watch.MAKING.set(record);
            return opener.openShared(record.name(), step.scopeOptions::applyTo);
        });
        try {
            run(step.body);
        } finally {
            scope.complete();
        }
        switch (step.how) {
            case COMPLETE_ONLY -> {}
            case CANCEL_AND_AWAIT -> {
                scope.cancel();
                calls.awaiting(record, () -> {
                    scope.awaitDone();
                    return true;
                });
            }
            case CLOSE_ONLY ->
                calls.awaiting(record, () -> {
                    scope.close();
                    return true;
                });
            default ->
                calls.awaiting(record, () -> {
                    scope.join();
                    return true;
                });
        }
    }

    private void withScope(Step step, OfScope scope, Scope known) throws Exception {
        switch (step.op) {
            case CANCEL -> {
                if (step.how == How.PLAIN) {
                    known.cancel();
                } else {
                    Throwable cause = Boom.of(book, step);
                    book.gave(cause);
                    known.cancel(cause);
                }
            }
            case AWAIT_DONE ->
                calls.awaiting(scope, () -> {
                    if (step.micros >= 0) {
                        return known.awaitDone(Options.micros(step.micros));
                    }
                    known.awaitDone();
                    return true;
                });
            case SET_TIMEOUT -> {
                scope.timeouts.add(new long[] {System.nanoTime(), step.micros * 1_000L});
                calls.call(Call.SET_TIMEOUT, scope, null, () -> {
                    known.setTimeout(Options.micros(step.micros));
                    return null;
                });
            }
            case ON_SCOPE_DONE -> {
                Callback callback = new Callback(book, this, step, null);
                known.onDone(done -> callback.run(() -> {}));
                callback.registered();
            }
            case DEFER -> {
                Callback release = new Callback(book, this, step, null);
                release.registered();
                calls.call(Call.DEFER, scope, null, () -> {
                    known.defer(() -> release.run(() -> {}));
                    return null;
                });
            }
            default -> {
                String text = known.snapshot().toString() + known.remaining() + known.state() + known;
                book.require(text.contains(scope.name()), "snapshot", text);
            }
        }
    }

    // ---- tasks ----

    private void spawn(Step step) throws Exception {
        OfScope scope = book.scopes.get(step.target);
        Scope known = scope != null ? scope.scope : null;
        if (known == null) {
            return;
        }
        OfTask record = new OfTask(step, scope, Book.CONTEXT.get());
        book.tasks.set(step.id, record);
        scope.tasks.add(record);
        Callable<Object> code = () -> task(record);
        Call call = step.how == How.AWAIT ? Call.JOIN : Call.SPAWN;
        calls.spawning(call, scope, record, () -> {
            Watch.MAKING.set(record);
            Watch.SPAWNING.set(scope.step.scopeOptions.isLimited() ? null : record);
            Object result;
            try {
                result = switch (step.how) {
                    case UNNAMED -> known.spawn(code);
                    case AWAIT -> known.await(record.name(), code);
                    case TRY_SPAWN ->
                        known.trySpawn(record.name(), code, step.taskOptions::applyTo)
                                .orElse(null);
                    default -> known.spawn(record.name(), code, step.taskOptions::applyTo);
                };
            } finally {
                Watch.SPAWNING.remove();
            }
            if (step.how == How.AWAIT) {
                book.require(Integer.valueOf(step.id).equals(result), "wrong-value", record + " returned " + result);
            } else {
                book.require(result == record.handle, "listener-order", result + " was not notified of, " + record);
            }
            return null;
        });
    }

    private Object task(OfTask record) throws Exception {
        Frame outer = Book.TOP.get();
        Frame frame = new Frame(Frame.Kind.TASK, record.scope, record, outer);
        calls.started(record, outer);
        Object mdc = Book.MDC.get();
        Object context = Book.CONTEXT.get();
        Object making = Watch.MAKING.get();
        Watch.MAKING.remove();
        Book.TOP.set(frame);
        Book.MDC.set(record);
        Book.CONTEXT.set(record);
        try {
            run(record.step.body);
            return record.step.id;
        } catch (Throwable t) {
            record.thrown = t;
            book.threw(frame.toString(), t, frame.isCancelled());
            throw t;
        } finally {
            book.require(Book.MDC.get() == record, "thread-local-of-others", record + " sees " + Book.MDC.get());
            Watch.set(Book.MDC, mdc);
            Watch.set(Book.CONTEXT, context);
            Watch.set(Watch.MAKING, making);
            Calls.pop(frame);
            record.ended = true;
            record.running = false;
        }
    }

    private void withTask(Step step, OfTask task, Task<Object> handle) throws Exception {
        switch (step.op) {
            case CANCEL_TASK -> {
                if (handle.cancel()) {
                    task.cancelled.incrementAndGet();
                    book.require(handle.isCancelled(), "outcome", task + " was cancelled and does not say so");
                }
            }
            case JOIN -> {
                Object value = calls.call(step.micros >= 0 ? Call.TIMED_JOIN : Call.JOIN, null, task, () -> {
                    return switch (step.how) {
                        case TIMED_GET -> handle.get(step.micros, TimeUnit.MICROSECONDS);
                        case GET -> handle.get();
                        default -> handle.join();
                    };
                });
                book.require(Integer.valueOf(task.step.id).equals(value), "wrong-value", task + " gave " + value);
                book.require(task.ended, "outcome", task + " was joined and has not ended");
            }
            case FUTURE -> {
                var future = handle.toCompletableFuture();
                if (step.how == How.LOOK) {
                    var unused = future.whenComplete((value, failure) -> {
                        if (failure != null) {
                            book.received(failure);
                        }
                    });
                }
            }
            default -> {
                Callback callback = new Callback(book, this, step, task);
                handle.onDone(done -> callback.run(() -> {
                    if (step.how == How.LOOK) {
                        try {
                            calls.call(Call.JOIN, null, task, done::get);
                        } catch (Exception | Error e) {
                            // Looked at, which is all.
                        }
                    }
                }));
                callback.registered();
            }
        }
    }

    private void attempt(Step step) throws Exception {
        try {
            run(step.body);
        } catch (Throwable t) {
            String message = book.tree.seed() + "/wrapped/" + book.tick();
            boolean interrupted = t instanceof InterruptedException;
            if (step.how == How.WRAP) {
                throw new Boom.Unchecked(message, t);
            } else if (step.how == How.WRAP_CHECKED) {
                throw new Boom.Checked(message, t);
            } else if (step.how == How.WRAP_AND_KEEP_FLAG && interrupted) {
                if (book.interruptsOfBlocks.contains(t)) {
                    // To code outside of the block it is as good as one from outside: there the flag stays.
                    book.interruptsItself();
                }
                Thread.currentThread().interrupt();
                throw new Boom.Unchecked(message, t);
            } else if (step.how == How.CANCEL_AND_RETHROW
                    && interrupted
                    && book.scopes.get(step.target).scope != null) {
                book.scopes.get(step.target).scope.cancel();
            }
            boolean swallowed = step.how == How.SWALLOW_ALL
                    || step.how == How.SWALLOW_INTERRUPT && interrupted
                    || step.how == How.SWALLOW_CANCELLED
                            && (t instanceof ScopeCancelledException
                                    || t instanceof ScopeInterruptedException
                                    || t instanceof CancellationException
                                    || t instanceof TimeoutException);
            if (!swallowed) {
                throw t;
            }
        } finally {
            run(step.cleanup);
        }
    }
}
