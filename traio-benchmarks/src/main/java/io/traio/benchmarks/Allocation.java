// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/** Counts the bytes that a peer allocates on the heap, on all threads together. Needs JDK 21; independent of timing. */
final class Allocation {

    private static final int MANY = 1_000;
    private static final int WARMUP_TASKS = 400_000;
    private static final int TASKS = 100_000;
    private static final int REPEATS = 7;

    private final com.sun.management.ThreadMXBean threads;
    private final Method totalAllocatedBytes;

    Allocation() {
        try {
            threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            totalAllocatedBytes = com.sun.management.ThreadMXBean.class.getMethod("getTotalThreadAllocatedBytes");
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("Allocation is counted on JDK 21 and newer only", e);
        }
    }

    /** Returns the bytes of one fan-out to this many no-op tasks: the median of measurements after a warm-up. */
    double bytesPerFanOut(Peer peer, int tasks) throws Exception {
        fanOuts(peer, tasks, WARMUP_TASKS / tasks);
        int runs = TASKS / tasks;
        List<Double> bytes = new ArrayList<>();
        for (int i = 0; i < REPEATS; i++) {
            long before = total();
            fanOuts(peer, tasks, runs);
            bytes.add((double) (total() - before) / runs);
        }
        return Statistics.of(bytes).median();
    }

    /** Returns the bytes that one more task costs. */
    double bytesPerTask(Peer peer) throws Exception {
        return (bytesPerFanOut(peer, MANY) - bytesPerFanOut(peer, 1)) / (MANY - 1);
    }

    private static void fanOuts(Peer peer, int tasks, int runs) throws Exception {
        for (int i = 0; i < runs; i++) {
            peer.fanOut(tasks, Workload.NOTHING);
        }
    }

    private long total() {
        try {
            return (long) totalAllocatedBytes.invoke(threads);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The allocated bytes cannot be read", e);
        }
    }

    static Markdown table(Options options, Owner owner) throws Exception {
        Allocation allocation = new Allocation();
        Markdown table = new Markdown(List.of("bytes allocated", "per task", "per scope of one task"));
        for (String name : options.peers()) {
            System.err.println("  " + name);
            Peer peer = Peers.get(name);
            double task = owner.call(() -> allocation.bytesPerTask(peer));
            double scope = owner.call(() -> allocation.bytesPerFanOut(peer, 1));
            table.row(List.of(name, String.valueOf(Math.round(task)), String.valueOf(Math.round(scope))));
        }
        return table;
    }
}
