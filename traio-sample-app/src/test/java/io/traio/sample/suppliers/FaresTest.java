// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.suppliers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FaresTest {

    @Test
    void distance_isThatOfTheGreatCircle() {
        assertThat(Airport.CDG.kilometresTo(Airport.NRT)).isBetween(9_680L, 9_720L);
        assertThat(Airport.NRT.kilometresTo(Airport.CDG)).isEqualTo(Airport.CDG.kilometresTo(Airport.NRT));
        assertThat(Airport.SYD.kilometresTo(Airport.SYD)).isZero();
    }

    @Test
    void fare_isAlwaysTheSame() {
        assertThat(Fares.of("alpha", Airport.PAR, Airport.NRT)).isEqualByComparingTo("610.56");
    }

    @Test
    void fare_dependsOnSupplierAndRoute() {
        assertThat(Fares.of("alpha", Airport.PAR, Airport.NRT))
                .isNotEqualByComparingTo(Fares.of("beta", Airport.PAR, Airport.NRT))
                .isNotEqualByComparingTo(Fares.of("alpha", Airport.NRT, Airport.PAR))
                .isGreaterThan(Fares.of("alpha", Airport.PAR, Airport.LHR));
    }
}
