// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

/** Stands for slow work, such as a call over the network. */
final class Slow {

    private Slow() {}

    /**
     * Sleeps for some time, and notes how that ended.
     *
     * @throws InterruptedException if it is cancelled, as any well-behaved blocking call does
     */
    static String fetch(String what, long millis, Journal journal) throws InterruptedException {
        try {
            Thread.sleep(millis);
            journal.note(what + " fetched");
            return what;
        } catch (InterruptedException e) {
            journal.note(what + " interrupted");
            throw e;
        }
    }
}
