// SPDX-License-Identifier: Apache-2.0
package io.traio;

/**
 * Work without a result, which may throw any exception. What {@link java.util.concurrent.Callable} is to work with a
 * result.
 */
@FunctionalInterface
public interface Action {

    /**
     * Does the work.
     *
     * @throws Exception if the work fails
     */
    void run() throws Exception;
}
