// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.List;
import java.util.Locale;

/** Opens very many short scopes with a timeout that never passes, and measures whether they leave anything behind. */
final class ShortScopes {

    private ShortScopes() {}

    static Markdown table(Options options, Owner owner) throws Exception {
        int scopes = options.scopes();
        Markdown table = new Markdown(List.of(
                String.format(Locale.ROOT, "%,d scopes of one task with a timeout of 10 s", scopes),
                "µs per scope, first tenth",
                "last tenth",
                "heap growth since the first tenth, kB"));
        for (String name : options.peers(Scale.PEERS)) {
            System.err.println("  " + name);
            Peer peer = Peers.get(name);
            double first = owner.call(() -> microsPerScope(peer, scopes / 10));
            long before = Footprint.usedHeap();
            owner.call(() -> microsPerScope(peer, scopes - 2 * (scopes / 10)));
            double last = owner.call(() -> microsPerScope(peer, scopes / 10));
            long more = Footprint.usedHeap() - before;
            table.row(List.of(
                    name,
                    String.format(Locale.ROOT, "%.1f", first),
                    String.format(Locale.ROOT, "%.1f", last),
                    String.valueOf(more / 1_024)));
        }
        return table;
    }

    private static double microsPerScope(Peer peer, int scopes) throws Exception {
        long start = System.nanoTime();
        for (int i = 0; i < scopes; i++) {
            peer.fanOutWithin(Workload.TEN_SECONDS, 1, Workload.NOTHING);
        }
        return (System.nanoTime() - start) / 1e3 / scopes;
    }
}
