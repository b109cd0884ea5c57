// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/** Measures the heap that parked tasks take, including their stacks. Virtual threads only. */
final class Footprint {

    private static final int REPEATS = 3;

    private Footprint() {}

    static double bytesPerParkedTask(Peer peer, int tasks, Owner owner) throws Exception {
        List<Double> bytes = new ArrayList<>();
        for (int i = 0; i < REPEATS; i++) {
            Parking parking = new Parking(tasks);
            long before = usedHeap();
            FutureTask<Object> fanOut = new FutureTask<>(() -> owner.call(() -> {
                peer.fanOut(tasks, parking);
                return null;
            }));
            new Thread(fanOut, "owner").start();
            parking.awaitAll();
            bytes.add((double) (usedHeap() - before) / tasks);
            parking.release();
            fanOut.get();
        }
        return Statistics.of(bytes).median();
    }

    /** Returns the heap in use, after collections until none frees any more. */
    static long usedHeap() throws InterruptedException {
        long used = Long.MAX_VALUE;
        for (int stable = 0; stable < 3; ) {
            System.gc();
            Thread.sleep(20);
            long now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            stable = now < used - 64 * 1024 ? 0 : stable + 1;
            used = Math.min(used, now);
        }
        return used;
    }

    static Markdown table(Options options, Owner owner) throws Exception {
        int some = options.parked();
        int many = 10 * some;
        Markdown table = new Markdown(List.of(
                "heap, bytes per parked task",
                String.format(Locale.ROOT, "%,d live", some),
                String.format(Locale.ROOT, "%,d live", many)));
        for (String name : options.peers(Scale.PEERS)) {
            System.err.println("  " + name);
            table.row(List.of(name, bytes(name, some, owner), bytes(name, many, owner)));
        }
        return table;
    }

    private static String bytes(String name, int tasks, Owner owner) throws Exception {
        return String.valueOf(Math.round(bytesPerParkedTask(Peers.get(name), tasks, owner)));
    }

    /** A task that parks until it is released. Keeps its threads itself, so that waiting takes no heap. */
    private static final class Parking implements Callable<Integer> {

        private final AtomicReferenceArray<Thread> threads;
        private final AtomicInteger arrived = new AtomicInteger();
        private volatile boolean released;

        Parking(int tasks) {
            threads = new AtomicReferenceArray<>(tasks);
        }

        @Override
        public Integer call() {
            threads.set(arrived.getAndIncrement(), Thread.currentThread());
            while (!released) {
                LockSupport.park();
            }
            return 1;
        }

        void awaitAll() throws InterruptedException {
            for (int i = 0; i < threads.length(); i++) {
                Thread thread = threads.get(i);
                while (thread == null || thread.getState() != Thread.State.WAITING) {
                    Thread.sleep(1);
                    thread = threads.get(i);
                }
            }
        }

        void release() {
            released = true;
            for (int i = 0; i < threads.length(); i++) {
                LockSupport.unpark(threads.get(i));
            }
        }
    }
}
