// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** What each peer is measured with. Unless the name says otherwise, tasks do nothing, so that only overhead remains. */
enum Workload {
    TASKS_1("1 task", 64) {
        @Override
        long run(Peer peer) throws Exception {
            peer.fanOut(1, NOTHING);
            return 0;
        }
    },
    TASKS_10("10 tasks", 8) {
        @Override
        long run(Peer peer) throws Exception {
            peer.fanOut(10, NOTHING);
            return 0;
        }
    },
    TASKS_100("100 tasks", 1) {
        @Override
        long run(Peer peer) throws Exception {
            peer.fanOut(100, NOTHING);
            return 0;
        }
    },
    TASKS_10000("10,000 tasks", 1) {
        @Override
        long run(Peer peer) throws Exception {
            peer.fanOut(10_000, NOTHING);
            return 0;
        }
    },
    NESTED("nested 10 x 10", 1) {
        @Override
        long run(Peer peer) throws Exception {
            peer.fanOut(10, () -> {
                peer.fanOut(10, NOTHING);
                return 0;
            });
            return 0;
        }
    },
    TIMEOUT("10 tasks with a timeout", 8) {
        @Override
        long run(Peer peer) throws Exception {
            peer.fanOutWithin(TEN_SECONDS, 10, NOTHING);
            return 0;
        }
    },
    SLEEPING("1,000 tasks that sleep 1 ms", 1) {
        @Override
        long run(Peer peer) throws Exception {
            peer.fanOut(1_000, () -> {
                Thread.sleep(1);
                return 0;
            });
            return 0;
        }
    },
    JOINED_1("1 task, joined", 64) {
        @Override
        boolean suits(Peer peer) {
            return peer.joins();
        }

        @Override
        long run(Peer peer) throws Exception {
            return require(peer.join(1, NOTHING), 1);
        }
    },
    JOINED_10("10 tasks, joined", 8) {
        @Override
        boolean suits(Peer peer) {
            return peer.joins();
        }

        @Override
        long run(Peer peer) throws Exception {
            return require(peer.join(10, NOTHING), 10);
        }
    },
    JOINED_100("100 tasks, joined", 1) {
        @Override
        boolean suits(Peer peer) {
            return peer.joins();
        }

        @Override
        long run(Peer peer) throws Exception {
            return require(peer.join(100, NOTHING), 100);
        }
    },
    JOINED_10000("10,000 tasks, joined", 1) {
        @Override
        boolean suits(Peer peer) {
            return peer.joins();
        }

        @Override
        long run(Peer peer) throws Exception {
            return require(peer.join(10_000, NOTHING), 10_000);
        }
    },
    JOINED_NESTED("nested 10 x 10, joined", 1) {
        @Override
        boolean suits(Peer peer) {
            return peer.joins();
        }

        @Override
        long run(Peer peer) throws Exception {
            return require(peer.join(10, () -> peer.join(10, NOTHING)), 100);
        }
    },
    RACE_2("race of 2", 64) {
        @Override
        boolean suits(Peer peer) {
            return peer.combines();
        }

        @Override
        long run(Peer peer) throws Exception {
            return require(peer.race(NOTHING, NOTHING), 1);
        }
    },
    ALL_3("all of 3", 64) {
        @Override
        boolean suits(Peer peer) {
            return peer.combines();
        }

        @Override
        long run(Peer peer) throws Exception {
            return require(peer.all(NOTHING, NOTHING, NOTHING), 3);
        }
    },
    MAP_ALL("mapAll(1..1000, 10)", 1) {
        @Override
        boolean suits(Peer peer) {
            return peer.combines();
        }

        @Override
        long run(Peer peer) throws Exception {
            return require(peer.mapAll(1_000, 10).get(999), 2_000);
        }
    },
    /** Only the time from the failure until the scope returns counts. */
    FAILURE("failure of 1 among 100 blocked", 1) {
        @Override
        boolean suits(Peer peer) {
            return peer.cancels();
        }

        @Override
        long run(Peer peer) {
            long start = System.nanoTime();
            Failure failure = new Failure();
            try {
                peer.failing(Failure.BLOCKED, failure::block, failure::fail);
            } catch (Exception e) {
                failure.rethrowUnlessExpected(e);
            }
            return failure.failedAt - start;
        }
    };

    static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    static final Callable<Integer> NOTHING = () -> 1;

    private final String label;
    private final int runsPerLook;

    Workload(String label, int runsPerLook) {
        this.label = label;
        this.runsPerLook = runsPerLook;
    }

    private static long require(int result, int expected) {
        if (result != expected) {
            throw new IllegalStateException("The result was " + result + " instead of " + expected);
        }
        return 0;
    }

    String label() {
        return label;
    }

    boolean suits(Peer peer) {
        return true;
    }

    /** Runs once, and returns the nanoseconds that do not count. */
    abstract long run(Peer peer) throws Exception;

    /** Runs for at least the given time, and returns the nanoseconds that one run takes. */
    double nanosPerRun(Peer peer, long sliceNanos) throws Exception {
        long start = System.nanoTime();
        long notCounted = 0;
        long runs = 0;
        long elapsed;
        do {
            for (int i = 0; i < runsPerLook; i++) {
                notCounted += run(peer);
            }
            runs += runsPerLook;
            elapsed = System.nanoTime() - start;
        } while (elapsed < sliceNanos);
        return (double) (elapsed - notCounted) / runs;
    }

    static Workload of(String name) {
        for (Workload workload : values()) {
            if (workload.name().equalsIgnoreCase(name.replace('-', '_'))) {
                return workload;
            }
        }
        throw new IllegalArgumentException("Unknown workload '" + name + "'; known are " + Arrays.toString(values()));
    }

    /** Tasks that block until they are interrupted, and one that fails once all of them block. */
    private static final class Failure {

        static final int BLOCKED = 99;

        private final CountDownLatch blocked = new CountDownLatch(BLOCKED);
        private final IllegalStateException expected = new IllegalStateException("expected");
        volatile long failedAt;

        Integer block() throws InterruptedException {
            blocked.countDown();
            while (!Thread.interrupted()) {
                LockSupport.park(this);
            }
            throw new InterruptedException();
        }

        Integer fail() throws InterruptedException {
            blocked.await();
            failedAt = System.nanoTime();
            throw expected;
        }

        void rethrowUnlessExpected(Exception thrown) {
            for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                if (cause == expected) {
                    return;
                }
            }
            throw new IllegalStateException("Not the expected failure", thrown);
        }
    }
}
