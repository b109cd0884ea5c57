// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import io.traio.Limiter;
import java.util.List;
import java.util.function.Consumer;

/**
 * A random program: what the owner thread does, what other threads do to it meanwhile, and what it runs on.
 *
 * @param seed what it was made from
 * @param threads where its tasks get their threads
 * @param debug whether its log takes what is notified at debug
 * @param listenerThrows whether a listener throws now and then
 * @param propagatorThrows whether a propagator throws now and then
 * @param ids how many scopes and tasks have a number
 * @param limiters what its scopes share
 * @param main what the owner thread does
 * @param actors what other threads do, each after some time
 */
record Tree(
        long seed,
        Kind threads,
        boolean debug,
        boolean listenerThrows,
        boolean propagatorThrows,
        int ids,
        List<Limiter> limiters,
        List<Step> main,
        List<Actor> actors) {

    /** Where tasks get their threads. */
    enum Kind {
        DEFAULT,
        FACTORY,
        POOL_1,
        POOL_2,
        POOL_8,
        /** A pool of two that refuses every third command. */
        REFUSING,
        /** A pool of one with room for one command; the caller runs the rest. */
        CALLER_RUNS,
        /** The caller runs all. */
        DIRECT;

        boolean isInline() {
            return this == CALLER_RUNS || this == DIRECT;
        }
    }

    /** What another thread does after some time. */
    record Actor(int afterMicros, List<Step> steps) {}

    void forEach(Consumer<Step> action) {
        main.forEach(step -> step.forEach(action));
        actors.forEach(actor -> actor.steps().forEach(step -> step.forEach(action)));
    }

    /** How large the program is. */
    int size() {
        int[] count = {0};
        forEach(step -> count[0]++);
        return count[0];
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(
                "seed " + seed + ", threads " + threads + ", debug " + debug + ", listenerThrows " + listenerThrows
                        + ", propagatorThrows " + propagatorThrows + ", limiters " + limiters + "\nowner\n");
        text.append(Step.text(main, "    "));
        for (Actor actor : actors) {
            text.append("other thread, after ").append(actor.afterMicros()).append("us\n");
            text.append(Step.text(actor.steps(), "    "));
        }
        return text.toString();
    }
}
