// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * Checks that what threads see of a state machine is what they could see if each operation were one step: Lincheck makes
 * up scenarios of the operations of a class, and tries schedules of each.
 */
final class Models {

    private static final int SCENARIOS = Integer.getInteger("traio.scenarios", 3);
    private static final int SCHEDULES = Integer.getInteger("traio.schedules", 50);

    /** No loop is longer that is no livelock: one over the places of an array of members. */
    private static final int LONGEST_LOOP = 200;

    private Models() {}

    /** Tries schedules one after the other, with a switch of threads at any access to shared memory. */
    static void check(Class<?> model) {
        sized(new ModelCheckingOptions()).loopBound(LONGEST_LOOP).check(model);
    }

    /** Lets threads run, as they do. */
    static void stress(Class<?> model) {
        sized(new StressOptions()).check(model);
    }

    private static <O extends Options<O, ?>> O sized(O options) {
        return options.iterations(SCENARIOS)
                .invocationsPerIteration(SCHEDULES)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(2);
    }
}
