// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.suppliers;

import java.util.Arrays;
import java.util.Optional;

/** The airports and cities with known fares, by their IATA codes. */
public enum Airport {
    BER(52.37, 13.50),
    CDG(49.01, 2.55),
    GRU(-23.43, -46.47),
    HND(35.55, 139.78),
    JFK(40.64, -73.78),
    LHR(51.47, -0.45),
    LIS(38.77, -9.13),
    NRT(35.76, 140.39),
    PAR(48.86, 2.35),
    SFO(37.62, -122.38),
    SIN(1.36, 103.99),
    SYD(-33.95, 151.18);

    private static final double EARTH_RADIUS_KM = 6371;

    private final double latitude;
    private final double longitude;

    Airport(double latitude, double longitude) {
        this.latitude = StrictMath.toRadians(latitude);
        this.longitude = StrictMath.toRadians(longitude);
    }

    /** Finds an airport; case is ignored. */
    public static Optional<Airport> find(String code) {
        return Arrays.stream(values())
                .filter(airport -> airport.name().equalsIgnoreCase(code))
                .findFirst();
    }

    /** Returns the great-circle distance to the other airport, in whole kilometres. */
    long kilometresTo(Airport other) {
        double cosine = StrictMath.sin(latitude) * StrictMath.sin(other.latitude)
                + StrictMath.cos(latitude)
                        * StrictMath.cos(other.latitude)
                        * StrictMath.cos(longitude - other.longitude);
        return StrictMath.round(EARTH_RADIUS_KM * StrictMath.acos(StrictMath.min(1, cosine)));
    }
}
