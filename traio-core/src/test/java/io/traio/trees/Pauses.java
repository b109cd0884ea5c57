// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.trees.Records.Frame;
import io.traio.trees.Step.How;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The steps in which user code takes time. */
final class Pauses {

    /** How long an interrupt that is due may take to come. */
    private static final long LATE_MILLIS = 1_000;

    private Pauses() {}

    /** Sleeps until it is interrupted. Cancelled code that has not met the signal is to meet it here. */
    static void sleep(Book book, Step step) throws InterruptedException {
        Frame top = Book.TOP.get();
        boolean cancelled = top != null && !top.signalMet && top.isInterruptible() && top.isCancelled();
        // A factory that closes gives a body up after its grace period: what that does then is its own affair.
        boolean due = cancelled && !book.factoryClosing;
        try {
            if (step.how == How.QUEUE_POLL) {
                new LinkedBlockingQueue<>().poll(step.micros, TimeUnit.MICROSECONDS);
            } else {
                TimeUnit.MICROSECONDS.sleep(step.micros);
            }
            if (due && !top.signalMet) {
                Thread.sleep(LATE_MILLIS);
                book.fault(
                        "cancelled-runs-on", top + " was cancelled, has met no signal of it, and sleeps undisturbed");
            }
        } catch (InterruptedException e) {
            book.interruptMet(e);
            throw e;
        }
    }

    static void busy(int micros) {
        long until = System.nanoTime() + micros * 1_000L;
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
    }

    /** Sleeps to the end whatever comes, and puts the flag back or not. */
    static void ignore(Book book, Step step) {
        long until = System.nanoTime() + step.micros * 1_000L;
        boolean interrupted = false;
        for (long left = step.micros * 1_000L; left > 0; left = until - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.sleep(left);
            } catch (InterruptedException e) {
                book.interruptMet(e);
                interrupted = true;
            }
        }
        if (interrupted && step.how == How.KEEP_FLAG) {
            Thread.currentThread().interrupt();
        }
    }
}
