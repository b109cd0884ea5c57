// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.FactoryOptions;
import io.traio.Limiter;
import io.traio.Scope;
import io.traio.ScopeFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Runs one tree, on a thread of its own and those of its actors, and has it judged. */
final class TreeRun {

    /** How far an interrupt of ours may be from one from outside to share the flag with it, on a loaded machine. */
    private static final long NEAR_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final Duration LONG = Duration.ofSeconds(10);

    private final Book book;
    private final Threads threads;
    private final Watch watch;
    private final ScopeFactory factory;
    private final Program program;
    private final long patienceMillis;
    private final List<Thread> actors = new ArrayList<>();

    private TreeRun(Tree tree, long patienceMillis) {
        this.patienceMillis = patienceMillis;
        book = new Book(tree);
        threads = new Threads(book);
        watch = new Watch(book);
        factory = ScopeFactory.create(this::options);
        program = new Program(book, factory);
    }

    private FactoryOptions options(FactoryOptions options) {
        Tree tree = book.tree;
        // Short grace periods are for trees that ask for them: a slow machine is to make no stragglers.
        FactoryOptions ours = options.withLogger(book.log)
                .withDefaults(s -> s.withCancelTimeout(LONG))
                .withListener(watch)
                .withPropagator(Watch.carrying());
        ours = tree.listenerThrows() ? ours.withListener(Watch.throwing(book)) : ours;
        ours = tree.propagatorThrows() ? ours.withPropagator(Watch.throwing(book, book.setFailures)) : ours;
        return threads.applyTo(ours);
    }

    /** Runs a tree; returns what is wrong with it. */
    static List<Book.Fault> run(Tree tree, long patienceMillis) throws InterruptedException {
        TreeRun run = new TreeRun(tree, patienceMillis);
        run.run();
        return List.copyOf(run.book.faults);
    }

    private void run() throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        Thread owner = start("owner", this::own);
        for (Tree.Actor actor : book.tree.actors()) {
            actors.add(start("actor", () -> act(actor)));
        }
        actors.add(0, owner);
        for (Thread thread : actors) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
            if (thread.isAlive()) {
                hang(thread + " does not come to its end");
                return;
            }
        }
        String left = left();
        while (left != null && System.nanoTime() < until) {
            LockSupport.parkNanos(100_000);
            left = left();
        }
        if (left != null) {
            hang("left over: " + left);
            return;
        }
        new Oracle(book).judge();
        watch.judge();
        factory.close();
        threads.close(patienceMillis);
    }

    private String left() {
        if (!factory.scopes().isEmpty()) {
            return "scopes " + factory.scopes();
        }
        if (factory.abandoned() != 0) {
            return factory.abandoned() + " abandoned tasks";
        }
        if (book.callbacksRunning.get() != 0) {
            return book.callbacksRunning + " callbacks run";
        }
        for (Throwable failure : book.callbackFailures) {
            if (book.log.entries().stream().noneMatch(entry -> isOfCallback(entry, failure))) {
                return "a callback has failed, which is not logged: " + failure;
            }
        }
        for (Limiter limiter : book.tree.limiters()) {
            if (limiter.inUse() != 0 || limiter.queued() != 0) {
                return limiter + ", " + limiter.queued() + " queued";
            }
        }
        return Oracle.unfinished(book);
    }

    /** The same failure may have been logged as that of a scope before. */
    private static boolean isOfCallback(LogBook.Entry entry, Throwable failure) {
        return entry.thrown() == failure && entry.message().startsWith("A callback in ");
    }

    private Thread start(String name, Runnable code) {
        Thread thread = new Thread(code, "tree-" + book.tree.seed() + "-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void own() {
        book.ownerBegins();
        Book.MDC.set("owner");
        Book.CONTEXT.set("owner");
        for (Step step : book.tree.main()) {
            runQuietly(List.of(step));
        }
        boolean justified = book.wasInterruptedFromOutside(Thread.currentThread());
        book.ownerEnds();
        boolean flag = Thread.interrupted();
        boolean sent = !book.interruptsSent.isEmpty();
        book.require(justified || sent || !flag, "interrupt-leaked", "flag set at the end of the owner thread");
        if (sent && !flag && book.interruptsMet == 0) {
            boolean near = book.tree.threads().isInline()
                    || book.interruptsShareFlag
                    || book.ownCancels.stream()
                            .anyMatch(own -> book.interruptsSent.stream()
                                    .anyMatch(theirs -> Math.abs(own - theirs) < NEAR_NANOS));
            book.fault(
                    near ? "interrupt-lost-near-cancel" : "interrupt-lost", "the owner was interrupted, met nothing");
        }
    }

    private void act(Tree.Actor actor) {
        LockSupport.parkNanos(actor.afterMicros() * 1_000L);
        runQuietly(actor.steps());
    }

    private void runQuietly(List<Step> steps) {
        try {
            program.run(steps);
        } catch (Throwable e) {
            if (!book.isNew(e)) {
                return;
            }
            // Neither thrown by a step nor by the engine as far as we know: the fuzzer itself is wrong.
            if (!(e instanceof Boom)
                    && !(e instanceof InterruptedException)
                    && !(e instanceof java.util.concurrent.ExecutionException)) {
                book.fault("fuzzer", Chains.text(e));
            }
        }
    }

    /** Says where all threads are, and ends the tree by force. */
    private void hang(String what) throws InterruptedException {
        StringBuilder text = new StringBuilder(what).append('\n');
        String prefix = "tree-" + book.tree.seed();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            if (thread.getName().startsWith(prefix)) {
                text.append(thread).append('\n');
                for (StackTraceElement element : stack) {
                    text.append("    at ").append(element).append('\n');
                }
            }
        });
        for (Scope scope : factory.scopes()) {
            text.append(scope.dump()).append('\n');
        }
        book.fault("hang", text.toString());
        book.over = true;
        factory.scopes().forEach(Scope::cancel);
        actors.forEach(Thread::interrupt);
        threads.made().forEach(Thread::interrupt);
        for (Thread thread : actors) {
            thread.join(200);
        }
    }
}
