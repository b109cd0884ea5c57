// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** A part of the report, measured in a separate JVM. */
enum Section {
    TWO_CARRIERS("Time: virtual-thread owner, two carriers", Owner.VIRTUAL, PairedRun::table, 2, "-Xms2g", "-Xmx2g"),
    ONE_CARRIER("Time: virtual-thread owner, one carrier", Owner.VIRTUAL, PairedRun::table, 1, "-Xms2g", "-Xmx2g"),
    PLATFORM("Time: platform-thread owner", Owner.PLATFORM, PairedRun::table, 2, "-Xms2g", "-Xmx2g"),
    ALLOCATION("Allocation", Owner.VIRTUAL, Allocation::table, 2, "-Xms2g", "-Xmx2g"),
    FOOTPRINT("Memory", Owner.VIRTUAL, Footprint::table, 2, "-Xms4g", "-Xmx4g", "-XX:+UseSerialGC"),
    SCALE("Very many tasks", Owner.VIRTUAL, Scale::table, 2, "-Xms4g", "-Xmx4g"),
    SHORT_SCOPES("Very many scopes", Owner.usual(), ShortScopes::table, 2, "-Xms1g", "-Xmx1g"),
    LATENESS(
            "Timeouts while all processors compute",
            Owner.PLATFORM,
            Lateness::table,
            Runtime.getRuntime().availableProcessors()),
    HEDGE("The slowest answers, with and without hedge", Owner.usual(), HedgeTail::table, 2),
    STATEMENTS("JDBC statements", Owner.usual(), Statements::table, 1, "-Xms1g", "-Xmx1g"),
    REQUESTS("Requests that use no scope", Owner.PLATFORM, Requests::table, 2, "-Xms1g", "-Xmx1g"),
    ENDPOINT("The endpoint", Owner.VIRTUAL, EndpointLoad::table, 2, "-Xms2g", "-Xmx2g"),
    START_UP("Start of an application", Owner.PLATFORM, StartUp::table, 2);

    /** Measures the section in its JVM. */
    private interface Measurement {

        Markdown table(Options options, Owner owner) throws Exception;
    }

    private final String title;
    private final Owner owner;
    private final Measurement measurement;
    private final List<String> jvmOptions;

    Section(String title, Owner owner, Measurement measurement, int carriers, String... jvmOptions) {
        this.title = title;
        this.owner = owner;
        this.measurement = measurement;
        this.jvmOptions = new ArrayList<>(List.of(jvmOptions));
        this.jvmOptions.add("-Djdk.virtualThreadScheduler.parallelism=" + carriers);
    }

    String title() {
        return title;
    }

    /** Returns whether this JDK has the threads that the section needs. */
    boolean isPossible() {
        return Threads.VIRTUAL || owner == Owner.PLATFORM;
    }

    List<String> jvmOptions() {
        return jvmOptions;
    }

    Markdown measure(Options options) throws Exception {
        return measurement.table(options, owner);
    }
}
