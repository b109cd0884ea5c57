// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.internal;

import io.traio.Action;
import io.traio.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call that code in a scope makes, and which is to be stopped if that code is cancelled. The call may end on another thread
 * than the one that has made it, and later than the task that has made it, but no later than the scope. Only that of an HTTP
 * request, which nobody has opened to bound his calls, lets them go if it ends without a cancellation.
 *
 * <p>The call has as much time as the scope. If its own alarm goes off first, by some microseconds, that is the timeout of the
 * scope all the same, and no failure of its code: the call waits for the scope to be cancelled.
 */
public final class CodeInScope {

    private static final Duration ABOUT_TO_TIME_OUT = Duration.ofMillis(20);
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(120);

    /** Registrations that this thread has made and not closed, some of calls that have ended on other threads. */
    private static final ThreadLocal<@Nullable Registrations> OF_THREAD = new ThreadLocal<>();

    /** Calls that are not over, by the scope that they were made in, while that lives. */
    private static final Map<Scope, Set<CodeInScope>> LIVE = new ConcurrentHashMap<>();

    private final Scope scope;
    private final Action stop;
    private final Thread thread = Thread.currentThread();
    private final boolean ofRequest;
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private volatile boolean over;
    private Scope.@Nullable CancelHook hook;

    /**
     * Creates a call that is not stopped yet.
     *
     * @param scope the current scope of this thread
     * @param stop stops the call; called on a thread of traio's, also if the call has ended just before
     */
    public CodeInScope(Scope scope, Action stop) {
        this.scope = scope;
        this.stop = stop;
        this.ofRequest = RequestScopes.contains(scope);
    }

    /** Has the call stopped from now on, unless it is over. Called by the thread that has created this. */
    public void enter() {
        if (over) {
            return;
        }
        Registrations registrations = OF_THREAD.get();
        if (registrations == null) {
            registrations = new Registrations();
            OF_THREAD.set(registrations);
        }
        registrations.add(this);
        hook = Scope.onCancel(this::cancel);
        enterScope();
        if (over) {
            leave();
        }
    }

    private void enterScope() {
        Set<CodeInScope> fresh = ConcurrentHashMap.newKeySet();
        Set<CodeInScope> known = LIVE.putIfAbsent(scope, fresh);
        Set<CodeInScope> calls = known != null ? known : fresh;
        calls.add(this);
        if (known == null) {
            scope.onDone(CodeInScope::stopAll);
        } else if (LIVE.get(scope) != calls) {
            // It has ended meanwhile.
            stopAtEnd();
        }
    }

    private static void stopAll(Scope done) {
        Set<CodeInScope> left = LIVE.remove(done);
        if (left != null) {
            left.forEach(CodeInScope::stopAtEnd);
        }
    }

    private void cancel() throws Exception {
        cancelled.countDown();
        if (!over) {
            stop.run();
        }
    }

    /** The code that has made the call has left it behind. */
    private void stopAtEnd() {
        if (ofRequest && !scope.isCancelled()) {
            return;
        }
        try {
            cancel();
        } catch (Exception e) {
            throw Rethrow.asIs(e);
        }
    }

    /**
     * Returns whether the code that has made the call was cancelled.
     *
     * @return whether it was
     */
    public boolean isCancelled() {
        return cancelled.getCount() == 0;
    }

    /**
     * Returns whether the code that has made the call was cancelled, or is being cancelled since its time is up. For a call
     * that has ended because its own time was up.
     *
     * @return whether it was
     */
    public boolean isCancelledByNow() {
        if (!isCancelled() && Thread.currentThread() == thread && isTimeUp()) {
            awaitCancellation();
        }
        return isCancelled();
    }

    private boolean isTimeUp() {
        Duration left = scope.remaining().orElse(null);
        return left != null && left.compareTo(ABOUT_TO_TIME_OUT) < 0;
    }

    /** The interrupt that comes with the cancellation is left for the code. */
    private void awaitCancellation() {
        boolean interrupted = false;
        long end = System.nanoTime() + PATIENCE_NANOS;
        try {
            while (true) {
                try {
                    if (cancelled.await(end - System.nanoTime(), TimeUnit.NANOSECONDS) || System.nanoTime() >= end) {
                        return;
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the call: from now on it is not stopped. May be called by another thread, whose caller need not wait. */
    public void leave() {
        over = true;
        Set<CodeInScope> calls = LIVE.get(scope);
        if (calls != null) {
            calls.remove(this);
        }
        Registrations registrations = Thread.currentThread() == thread ? OF_THREAD.get() : null;
        if (registrations != null) {
            registrations.close(this);
        }
    }

    private void close() {
        Scope.CancelHook registered = hook;
        if (registered != null) {
            registered.close();
        }
    }

    /** The registrations of one thread, which alone may close them. */
    private static final class Registrations {

        private static final int MIN_LIMIT = 16;

        private final List<CodeInScope> calls = new ArrayList<>();
        private int limit = MIN_LIMIT;

        void add(CodeInScope call) {
            if (calls.size() >= limit) {
                calls.removeIf(known -> {
                    if (known.over) {
                        known.close();
                    }
                    return known.over;
                });
                limit = Math.max(MIN_LIMIT, 2 * calls.size());
            }
            calls.add(call);
        }

        void close(CodeInScope call) {
            call.close();
            calls.remove(call);
            if (calls.isEmpty()) {
                OF_THREAD.remove();
            }
        }
    }
}
