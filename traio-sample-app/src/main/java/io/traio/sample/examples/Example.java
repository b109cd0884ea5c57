// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import io.traio.ScopeFactory;

/** One thing that traio does, small enough to be read at a glance. */
interface Example {

    /** What it is called in the URL. */
    String name();

    /** What it shows, in a sentence. */
    String about();

    /**
     * Runs the example.
     *
     * @param scopes where to open scopes
     * @param journal where to note what happens
     * @throws Exception if that is what the example shows
     */
    void run(ScopeFactory scopes, Journal journal) throws Exception;
}
