// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A median, and the median absolute deviation from it. Both are robust against a few outliers. */
record Statistics(double median, double deviation) {

    static Statistics of(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(d -> d).toArray();
        double median = medianOf(sorted);
        double[] distances =
                Arrays.stream(sorted).map(d -> Math.abs(d - median)).toArray();
        return new Statistics(median, medianOf(distances));
    }

    private static double medianOf(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("No values");
        }
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    String toString(int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f ±%." + digits + "f", median, deviation);
    }
}
