// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares peers in one JVM, on a machine that may be busy with other work. Peers take turns of some milliseconds, in
 * another order each round. The result is the ratio to the floor's turn of the same round: what slows the machine slows
 * both. Each turn has a new owner thread, so that thread locals that one peer leaves behind are not copied by the next.
 */
final class PairedRun {

    private final Options options;

    private PairedRun(Options options) {
        this.options = options;
    }

    /** Returns a table with a row for each workload: the floor's time, and the ratios of the other peers to it. */
    static Markdown table(Options options, Owner owner) throws Exception {
        PairedRun run = new PairedRun(options);
        List<String> names = options.peers();
        List<String> header = new ArrayList<>(names);
        header.add(0, "ratio to the floor, ± median absolute deviation");
        header.set(1, "floor, µs");
        Markdown table = new Markdown(header);
        for (Workload workload : options.workloads()) {
            System.err.println("  " + workload.label());
            table.row(run.row(workload, names, owner));
        }
        return table;
    }

    private List<String> row(Workload workload, List<String> names, Owner owner) throws Exception {
        Map<String, List<Double>> nanos = new LinkedHashMap<>();
        for (String name : names) {
            if (workload.suits(Peers.get(name))) {
                nanos.put(name, new ArrayList<>());
            }
        }
        List<String> turns = new ArrayList<>(nanos.keySet());
        for (int round = -options.warmup(); round < options.rounds(); round++) {
            for (int turn = 0; turn < turns.size(); turn++) {
                String name = turns.get(Math.floorMod(round + turn, turns.size()));
                Peer peer = Peers.get(name);
                double measured = owner.call(() -> workload.nanosPerRun(peer, options.sliceNanos()));
                if (round >= 0) {
                    nanos.getOrDefault(name, new ArrayList<>()).add(measured);
                }
            }
        }
        return cells(workload, names, nanos);
    }

    private static List<String> cells(Workload workload, List<String> names, Map<String, List<Double>> nanos) {
        List<Double> floor = nanos.getOrDefault(Peers.FLOOR, List.of());
        List<String> cells = new ArrayList<>();
        cells.add(workload.label());
        cells.add(String.format(Locale.ROOT, "%.1f", Statistics.of(floor).median() / 1_000));
        for (String name : names.subList(1, names.size())) {
            List<Double> own = nanos.get(name);
            cells.add(own == null ? "-" : ratios(own, floor).toString(2));
        }
        return cells;
    }

    private static Statistics ratios(List<Double> own, List<Double> floor) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
            ratios.add(own.get(i) / floor.get(i));
        }
        return Statistics.of(ratios);
    }
}
