// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The guard against tasks in transactions.
 *
 * @param transactionGuard What happens when a task is spawned while a transaction is active on the spawning thread.
 */
@ConfigurationProperties("traio")
record TransactionGuardProperties(@DefaultValue("warn") Guard transactionGuard) {

    /** What happens when a task is spawned in a transaction. */
    enum Guard {

        /** A warning is logged, once for each place that spawns. */
        WARN,

        /** The task is not started, and spawn throws. */
        FAIL,

        /** Nothing. */
        OFF
    }
}
