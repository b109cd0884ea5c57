// SPDX-License-Identifier: Apache-2.0
package io.traio;

/**
 * For which scopes a factory records the place that opened them, so that a report of one that was never closed can name it.
 * Only scopes that are to be closed by hand count, from {@link ScopeOpener#open} and {@link ScopeOpener#openShared}. To look at
 * the stack costs some microseconds.
 *
 * <p>The idea of levels, and of a sample by default, is that of Netty's leak detector.
 */
public enum LeakDetection {

    /**
     * For none. Neither is it looked whether the thread of an open scope has ended. What was left open is still found, and
     * reported, by the scope or binding around it and when the factory closes.
     */
    OFF,

    /**
     * For one in about a hundred, chosen at random, for those that are opened directly inside another one, and for all as
     * soon as the first leak was found. The default.
     */
    SAMPLED,

    /** For all: for development and tests. */
    ALL
}
