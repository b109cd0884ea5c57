// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs {@link ScopeBenchmark} with all peers that this JDK supports, on virtual threads if it has them. */
final class JmhRun {

    private JmhRun() {}

    static void run(List<String> arguments) throws RunnerException, CommandLineOptionException {
        CommandLineOptions chosen = new CommandLineOptions(arguments.toArray(new String[0]));
        List<String> jvmOptions = new ArrayList<>(Main.jvmOptions());
        if (Threads.VIRTUAL) {
            jvmOptions.add("-Djmh.executor=VIRTUAL");
        }
        ChainedOptionsBuilder options = new OptionsBuilder()
                .parent(chosen)
                .include(ScopeBenchmark.class.getName())
                .jvmArgsAppend(jvmOptions.toArray(new String[0]));
        if (!chosen.getParameter("peer").hasValue()) {
            options.param("peer", Peers.names().toArray(new String[0]));
        }
        if (!chosen.getParameter("workload").hasValue()) {
            options.param(
                    "workload", Arrays.stream(Workload.values()).map(Enum::name).toArray(String[]::new));
        }
        new Runner(options.build()).run();
    }
}
