// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes of what happened in an example, and when. Thread-safe. */
final class Journal {

    private final long start = System.nanoTime();
    private final List<Event> events = new CopyOnWriteArrayList<>();

    /**
     * One event.
     *
     * @param millis time since the start of the example
     */
    record Event(long millis, String what) {}

    void note(String what) {
        events.add(new Event(millis(), what));
    }

    long millis() {
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    List<Event> events() {
        return List.copyOf(events);
    }
}
