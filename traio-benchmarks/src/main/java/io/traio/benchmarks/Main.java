// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures everything and writes a report: {@code Main report FILE [OPTION...]}. Prints a single section to the screen:
 * {@code Main SECTION [OPTION...]}. Runs JMH instead: {@code Main jmh [ARGUMENT...]}, with JMH's own arguments.
 *
 * @see Options
 * @see Section
 */
public final class Main {

    /** The command that tells a JVM to measure one section. */
    private static final String HERE = "here";

    private static final int JDK = Runtime.version().feature();

    private Main() {}

    /**
     * The entry point.
     *
     * @param args what to measure, as above
     * @throws Exception if a measurement fails
     */
    public static void main(String[] args) throws Exception {
        List<String> arguments = List.of(args);
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException(
                    "Say what to do: report FILE, jmh, or one of " + List.of(Section.values()));
        }
        String command = arguments.get(0);
        List<String> rest = arguments.subList(1, arguments.size());
        if (command.equals("jmh")) {
            JmhRun.run(rest);
        } else if (command.equals(HERE)) {
            Options options = new Options(rest.subList(1, rest.size()));
            options.before().ifPresent(Peers::addBefore);
            System.out.println(Section.valueOf(rest.get(0)).measure(options));
            System.exit(0);
        } else if (!command.equals("report")) {
            System.out.print(measure(Section.valueOf(command), rest));
        } else if (rest.isEmpty()) {
            throw new IllegalArgumentException("Name the file for the report");
        } else {
            report(Path.of(rest.get(0)), rest.subList(1, rest.size()));
        }
    }

    private static void report(Path file, List<String> options) throws IOException, InterruptedException {
        Options parsed = new Options(options);
        StringBuilder report = new StringBuilder("# Measured\n\n").append(environment(parsed));
        for (Section section : Section.values()) {
            if (section.isPossible()) {
                System.err.println(section.title());
                report.append("\n## ").append(section.title()).append("\n\n").append(measure(section, options));
                Files.writeString(file, report);
            }
        }
        System.err.println("written to " + file);
    }

    private static String environment(Options options) {
        return String.format(
                Locale.ROOT,
                "%s, JDK %s (%s), %d cores, load %.1f at the start; %d rounds of %d ms, after %d to warm up.%n",
                LocalDate.now(),
                Runtime.version(),
                System.getProperty("java.vm.vendor"),
                Runtime.getRuntime().availableProcessors(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                options.rounds(),
                options.sliceNanos() / 1_000_000,
                options.warmup());
    }

    /** Starts a JVM for one section and returns the table that it prints. */
    private static String measure(Section section, List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions());
        command.addAll(section.jvmOptions());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), HERE, section.name()));
        command.addAll(options);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String table = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IllegalStateException(section + " ended with status " + status);
        }
        return table;
    }

    /** Options of every measuring JVM. */
    static List<String> jvmOptions() {
        List<String> options = new ArrayList<>();
        options.add("-Dstdout.encoding=UTF-8");
        if (JDK == 25) {
            options.add("--enable-preview");
        }
        return options;
    }
}
