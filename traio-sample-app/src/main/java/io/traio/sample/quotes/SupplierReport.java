// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What came of asking a supplier.
 *
 * @param millis how long asking it took
 * @param detail what went wrong; null if nothing went wrong
 */
record SupplierReport(
        String supplier,
        Outcome outcome,
        long millis,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String detail) {

    /** How asking a supplier ended. */
    enum Outcome {
        OK,
        FAILED,
        TIMED_OUT,
        CANCELLED;

        @JsonValue
        String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }
}
