// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Compares the cost of a task in a scope of a million tasks with its cost in one of ten thousand, in turns. */
final class Scale {

    private static final int FEW = 10_000;
    private static final int MANY = 1_000_000;
    private static final int WARMUP = 3;

    /** The peers compared. Reactor's time grows with the square of the number; the others would only add hours. */
    static final List<String> PEERS = List.of("traio", "traio-starter", "StructuredTaskScope");

    private Scale() {}

    private static Statistics ratios(Peer peer, int rounds) throws Exception {
        List<Double> ratios = new ArrayList<>();
        for (int round = -WARMUP; round < rounds; round++) {
            double few = nanosPerTask(peer, FEW, MANY / FEW);
            double many = nanosPerTask(peer, MANY, 1);
            if (round >= 0) {
                ratios.add(many / few);
            }
        }
        return Statistics.of(ratios);
    }

    private static double nanosPerTask(Peer peer, int tasks, int runs) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < runs; i++) {
            peer.fanOut(tasks, Workload.NOTHING);
        }
        return (double) (System.nanoTime() - start) / tasks / runs;
    }

    static Markdown table(Options options, Owner owner) throws Exception {
        Markdown table = new Markdown(List.of("cost per task", "at 1,000,000 against 10,000"));
        int rounds = Math.max(1, options.rounds() / 6);
        for (String name : options.peers(PEERS)) {
            System.err.println("  " + name);
            Peer peer = Peers.get(name);
            table.row(List.of(name, owner.call(() -> ratios(peer, rounds)).toString(2)));
        }
        return table;
    }
}
