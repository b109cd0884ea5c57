// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Each workload with each peer, each in a separate JVM. The whole run counts, even for a failure. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ScopeBenchmark {

    /** Name of the peer. */
    @Param(Peers.TRAIO)
    public String peer = Peers.TRAIO;

    /** Name of the workload. */
    @Param("TASKS_10")
    public String workload = "TASKS_10";

    private Peer chosenPeer = new Floor();
    private Workload chosenWorkload = Workload.TASKS_10;

    /**
     * Looks up the peer and the workload.
     *
     * @throws Exception if the peer cannot be created
     */
    @Setup
    public void choose() throws Exception {
        chosenPeer = Peers.get(peer);
        chosenWorkload = Workload.of(workload);
        if (!chosenWorkload.suits(chosenPeer)) {
            throw new UnsupportedOperationException(peer + " does not do " + workload);
        }
    }

    /**
     * Runs the workload once.
     *
     * @return a value that the compiler must not find unused
     * @throws Exception if it fails
     */
    @Benchmark
    public long run() throws Exception {
        return chosenWorkload.run(chosenPeer);
    }
}
