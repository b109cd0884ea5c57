// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.suppliers;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the suppliers behave.
 *
 * @param port the port they listen on; 0 for any free port
 */
@ConfigurationProperties("sample.suppliers")
record SupplierProperties(
        @DefaultValue("0") int port,
        @DefaultValue Conduct alpha,
        @DefaultValue Conduct beta,
        @DefaultValue Conduct gamma,
        @DefaultValue Conduct delta) {

    static final List<String> NAMES = List.of("alpha", "beta", "gamma", "delta");

    Optional<Conduct> find(String supplier) {
        return Optional.ofNullable(
                switch (supplier) {
                    case "alpha" -> alpha;
                    case "beta" -> beta;
                    case "gamma" -> gamma;
                    case "delta" -> delta;
                    default -> null;
                });
    }

    /**
     * How one supplier behaves, unless a request says otherwise.
     *
     * @param latency how long it takes to answer
     * @param failing whether it answers with an error
     */
    record Conduct(
            @DefaultValue("100ms") Duration latency,
            @DefaultValue("false") boolean failing) {

        Conduct {
            if (latency.isNegative() || latency.compareTo(SupplierServer.MAX_LATENCY) > 0) {
                throw new IllegalArgumentException(
                        "latency must be from 0 to " + SupplierServer.MAX_LATENCY + ", but was " + latency);
            }
        }
    }
}
