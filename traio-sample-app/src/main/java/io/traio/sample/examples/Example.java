// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import io.traio.ScopeFactory;

/** One feature of traio, small enough to be read at a glance. */
interface Example {

    /** Returns its name in the URL. */
    String name();

    /** Returns a sentence about what it shows. */
    String about();

    /**
     * Runs the example.
     *
     * @param scopes the factory to open scopes with
     * @param journal takes notes of what happens
     * @throws Exception if that is what the example shows
     */
    void run(ScopeFactory scopes, Journal journal) throws Exception;
}
