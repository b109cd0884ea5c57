// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Kinds of threads that may own a scope in a test, each made for one piece of it. */
enum OwnerThread {
    PLATFORM,
    /** From JDK 21 on. */
    VIRTUAL;

    private static final long LIMIT_SECONDS = 20;

    /**
     * What is left when a piece of a test has ended.
     *
     * @param thrown what it threw; null if it returned
     * @param interrupted whether the interrupt flag of its thread was set then
     */
    record Left(@Nullable Throwable thrown, boolean interrupted) {}

    /** The kinds that this JDK has. */
    static List<OwnerThread> all() {
        return hasVirtual() ? List.of(values()) : List.of(PLATFORM);
    }

    static boolean hasVirtual() {
        return Runtime.version().feature() >= 21;
    }

    /** Runs a piece on a new thread of this kind and waits for it; a failed assertion of the piece comes out here. */
    Left run(Harness.Piece piece) {
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        AtomicBoolean interrupted = new AtomicBoolean();
        AtomicBoolean inScope = new AtomicBoolean();
        Thread thread = thread(() -> {
            try {
                piece.run();
            } catch (Throwable e) {
                thrown.set(e);
            } finally {
                interrupted.set(Thread.interrupted());
                inScope.set(Scope.current().isPresent());
            }
        });
        thread.start();
        awaitEnd(thread);
        if (thrown.get() instanceof AssertionError failed) {
            throw failed;
        }
        assertThat(inScope).as("a current scope is left").isFalse();
        return new Left(thrown.get(), interrupted.get());
    }

    private Thread thread(Runnable command) {
        if (this == VIRTUAL) {
            return FactoryOptions.virtualThreads("owner-").newThread(command);
        }
        Thread thread = new Thread(command, "owner");
        thread.setDaemon(true);
        return thread;
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while an owner runs", e);
        }
        if (thread.isAlive()) {
            AssertionError hangs = new AssertionError("the owner did not end within " + LIMIT_SECONDS + " s");
            hangs.setStackTrace(thread.getStackTrace());
            thread.interrupt();
            throw hangs;
        }
    }
}
