// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The options of the command line, each as {@code --name=value}.
 *
 * <table>
 * <caption>Options</caption>
 * <tr><td>{@code peers}</td><td>comma-separated names; by default all or, where many would take very long, a selection. The floor is always included</td></tr>
 * <tr><td>{@code before}</td><td>the {@code benchmarks.jar} of another build: its traio becomes the peer {@code before}</td></tr>
 * <tr><td>{@code workloads}</td><td>comma-separated names; all by default</td></tr>
 * <tr><td>{@code rounds}</td><td>number of turns of each peer; 60 by default</td></tr>
 * <tr><td>{@code warmup}</td><td>number of rounds before, which do not count; 20 by default</td></tr>
 * <tr><td>{@code slice}</td><td>length of a turn in milliseconds; 20 by default</td></tr>
 * <tr><td>{@code parked}</td><td>number of tasks parked to measure their memory; 100000 by default</td></tr>
 * <tr><td>{@code calls}</td><td>number of calls to a supplier that is slow now and then; 5000 by default</td></tr>
 * <tr><td>{@code scopes}</td><td>number of short scopes with a timeout; 1000000 by default</td></tr>
 * </table>
 */
final class Options {

    private static final List<String> NAMES =
            List.of("peers", "before", "workloads", "rounds", "warmup", "slice", "parked", "calls", "scopes");

    private final Map<String, String> values = new LinkedHashMap<>();

    Options(List<String> arguments) {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = equals > 2 && argument.startsWith("--") ? argument.substring(2, equals) : "";
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException(
                        "Not an option: '" + argument + "'. Known are " + NAMES + ", each as --name=value");
            }
            values.put(name, argument.substring(equals + 1));
        }
    }

    /** Returns the file of another build; empty unless the command line names one. */
    Optional<Path> before() {
        return Optional.ofNullable(values.get("before")).map(Path::of);
    }

    /** Returns the peers, with the floor first. */
    List<String> peers() {
        return peers(Peers.names());
    }

    /** Returns the peers as {@link #peers()} does, but only a selection unless the command line names some. */
    List<String> peers(List<String> some) {
        List<String> otherwise = Peers.names().stream().filter(some::contains).toList();
        List<String> peers = new ArrayList<>(list("peers", Function.identity(), otherwise));
        peers.remove(Peers.FLOOR);
        peers.add(0, Peers.FLOOR);
        return peers;
    }

    List<Workload> workloads() {
        return list("workloads", Workload::of, Arrays.asList(Workload.values()));
    }

    private <T> List<T> list(String name, Function<String, T> parse, List<T> all) {
        String value = values.get(name);
        return value == null
                ? all
                : Arrays.stream(value.split(",")).map(String::trim).map(parse).toList();
    }

    int rounds() {
        return number("rounds", 60);
    }

    int warmup() {
        return number("warmup", 20);
    }

    long sliceNanos() {
        return number("slice", 20) * 1_000_000L;
    }

    int parked() {
        return number("parked", 100_000);
    }

    int calls() {
        return number("calls", 5_000);
    }

    int scopes() {
        return number("scopes", 1_000_000);
    }

    private int number(String name, int otherwise) {
        String value = values.get(name);
        int number = value == null ? otherwise : Integer.parseInt(value);
        if (number < 1) {
            throw new IllegalArgumentException("--" + name + " must be at least 1, but is " + value);
        }
        return number;
    }
}
