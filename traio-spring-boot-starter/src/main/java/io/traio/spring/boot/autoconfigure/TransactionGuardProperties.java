// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;

/** The guard against tasks in transactions. */
@ConfigurationProperties("traio")
final class TransactionGuardProperties {

    /** What happens when a task is spawned while a transaction is active on the spawning thread. */
    private Guard transactionGuard = Guard.WARN;

    public Guard getTransactionGuard() {
        return transactionGuard;
    }

    public void setTransactionGuard(Guard transactionGuard) {
        this.transactionGuard = transactionGuard;
    }

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
