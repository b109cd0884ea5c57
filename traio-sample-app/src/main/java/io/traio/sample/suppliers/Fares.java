// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.suppliers;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** What a flight costs: fixed for each supplier and route, and different between them. */
final class Fares {

    private static final BigDecimal BASE = new BigDecimal("39.90");
    private static final BigDecimal PER_KILOMETRE = new BigDecimal("0.063");

    private Fares() {}

    /** Returns the fare in euros and cents. */
    static BigDecimal of(String supplier, Airport from, Airport to) {
        BigDecimal distance = BigDecimal.valueOf(from.kilometresTo(to));
        return BASE.add(PER_KILOMETRE.multiply(distance))
                .multiply(percent(supplier, from, to))
                .setScale(2, RoundingMode.HALF_EVEN);
    }

    /** Returns a pseudo-random factor from 80 to 119.99 %. */
    private static BigDecimal percent(String supplier, Airport from, Airport to) {
        int lot = (supplier + from + to).hashCode() * 0x9E3779B9;
        return BigDecimal.valueOf(8_000 + Math.floorMod(lot, 4_000), 4);
    }
}
