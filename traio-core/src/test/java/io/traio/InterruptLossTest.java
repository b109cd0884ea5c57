// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Measures how often an interrupt from outside is lost that comes within a millisecond of our own cancellation. Prints a
 * table; run it with {@code -Dtraio.interrupts.tries=100000}.
 *
 * <p>One is lost if the code around the scope sees neither the interrupt flag nor an exception that says so.
 */
@EnabledIfSystemProperty(named = InterruptLossTest.TRIES, matches = "\\d+")
@Timeout(value = 6, unit = TimeUnit.HOURS)
class InterruptLossTest {

    static final String TRIES = "traio.interrupts.tries";

    private static final long SPREAD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** How long those who cancel and interrupt sleep between looks whether a try has begun. */
    private static final long BREATH_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private static final int TRIES_PER_THREAD = 50;
    private static final int BUCKETS = 10;

    /** Where the owner is as both come. */
    private enum Place {
        BODY_SLEEPS("body blocked in sleep") {
            @Override
            void run(ScopeFactory scopes, Tries tries) {
                scopes.run("scope", scope -> {
                    tries.begin(scope);
                    Blocking.forever();
                });
            }
        },
        BODY_JOINS("body in join") {
            @Override
            void run(ScopeFactory scopes, Tries tries) {
                scopes.run("scope", scope -> {
                    Task<?> task = scope.spawn("task", Blocking::forever);
                    tries.begin(scope);
                    task.join();
                });
            }
        },
        EXIT("exit waits") {
            @Override
            void run(ScopeFactory scopes, Tries tries) {
                scopes.run("scope", scope -> {
                    scope.spawn("task", Blocking::forever);
                    tries.begin(scope);
                });
            }
        },
        OPEN_JOINS("join of try-with-resources") {
            @Override
            void run(ScopeFactory scopes, Tries tries) {
                try (OpenScope scope = scopes.open("scope")) {
                    scope.spawn("task", Blocking::forever);
                    tries.begin(scope);
                    scope.join();
                }
            }
        };

        final String text;

        Place(String text) {
            this.text = text;
        }

        abstract void run(ScopeFactory scopes, Tries tries);
    }

    @Test
    void lost_perPlace() {
        int count = Integer.getInteger(TRIES);
        StringBuilder table = new StringBuilder(
                        "| owner | place | tries | lost | rate | by delay of theirs, -1 to 1 ms |\n")
                .append("|---|---|---|---|---|---|\n");
        for (OwnerThread owner : OwnerThread.all()) {
            for (Place place : Place.values()) {
                Tries tries = new Tries(new Random(5));
                tries.measure(owner, place, count);
                table.append(String.format(
                        "| %s | %s | %d | %d | %.4f %% | %s |%n",
                        owner, place.text, count, tries.lost, 100.0 * tries.lost / count, tries.histogram()));
            }
        }
        System.out.println(table);
    }

    /** Tries at one place: the owner goes through the scopes, two others cancel and interrupt at their times. */
    private static final class Tries {

        private final Random random;
        private final int[] lostBy = new int[BUCKETS];
        /** The number of the try that may begin; the two others wait for it. */
        private final AtomicLong begun = new AtomicLong();

        private final AtomicLong cancelled = new AtomicLong();
        private final AtomicLong interrupted = new AtomicLong();
        private volatile Scope scope;
        private volatile Thread owner;
        private volatile long cancelAtNanos;
        private volatile long interruptAtNanos;
        private volatile boolean over;
        private long number;
        private long delayNanos;
        int lost;

        Tries(Random random) {
            this.random = random;
        }

        void measure(OwnerThread kind, Place place, int count) {
            Thread canceller = each(cancelled, () -> cancelAtNanos, () -> scope.cancel());
            Thread interrupter = each(interrupted, () -> interruptAtNanos, () -> owner.interrupt());
            try (ScopeFactory scopes = ScopeFactory.create()) {
                int left = count;
                while (left > 0) {
                    int some = Math.min(left, TRIES_PER_THREAD);
                    OwnerThread.Left end = kind.run(() -> {
                        for (int i = 0; i < some; i++) {
                            once(scopes, place);
                        }
                    });
                    assertThat(end.thrown()).isNull();
                    left -= some;
                }
            } finally {
                over = true;
            }
            catchThrowable(() -> canceller.join(1_000));
            catchThrowable(() -> interrupter.join(1_000));
        }

        private void once(ScopeFactory scopes, Place place) {
            number++;
            Throwable thrown = catchThrowable(() -> place.run(scopes, this));
            Blocking.spinUntil("both were done", () -> cancelled.get() == number && interrupted.get() == number);
            boolean flag = Thread.interrupted();
            if (!flag && !(thrown instanceof ScopeInterruptedException)) {
                lost++;
                lostBy[(int) ((delayNanos + SPREAD_NANOS) * BUCKETS / (2 * SPREAD_NANOS + 1))]++;
            }
        }

        /** The owner is about to wait: ours comes now or in a moment, and theirs a little before or after. */
        void begin(Scope opened) {
            scope = opened;
            owner = Thread.currentThread();
            delayNanos = random.nextLong() % SPREAD_NANOS;
            long at = System.nanoTime() + random.nextInt(2 * (int) SPREAD_NANOS);
            cancelAtNanos = at;
            interruptAtNanos = at + delayNanos;
            begun.set(number);
        }

        private Thread each(AtomicLong done, LongSupplier atNanos, Runnable action) {
            Thread thread = new Thread(() -> {
                while (!over) {
                    if (begun.get() == done.get()) {
                        LockSupport.parkNanos(BREATH_NANOS);
                    } else if (System.nanoTime() - atNanos.getAsLong() >= 0) {
                        action.run();
                        done.set(begun.get());
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
            return thread;
        }

        String histogram() {
            StringBuilder text = new StringBuilder();
            for (int n : lostBy) {
                text.append(text.length() > 0 ? " " : "").append(n);
            }
            return text.toString();
        }
    }
}
