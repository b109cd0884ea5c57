// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import java.time.Duration;

/** Durations as nanoseconds that can be added to a clock without overflow, and as text for people. */
public final class Nanos {

    /** Longer than any wait: 146 years. */
    public static final long FOREVER = Long.MAX_VALUE / 2;

    private static final long MILLION = 1_000_000;
    private static final long BILLION = 1_000_000_000;

    private Nanos() {}

    /**
     * Returns the length of a duration.
     *
     * @param duration the duration
     * @return from 0, also for a negative duration, to {@link #FOREVER}
     */
    public static long of(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        return duration.getSeconds() >= FOREVER / BILLION ? FOREVER : duration.toNanos();
    }

    /**
     * Returns a duration as text: {@code 200 ms}, {@code 1.5 s}, {@code 2 min 5 s}, {@code 3 h}.
     *
     * @param duration the duration
     * @return the text
     */
    public static String text(Duration duration) {
        if (duration.isNegative()) {
            return "-" + text(duration.negated());
        }
        if (duration.getSeconds() >= FOREVER / BILLION) {
            return "for ever";
        }
        long nanos = duration.toNanos();
        if (nanos < MILLION) {
            return nanos == 0 ? "0 ms" : decimal(nanos, 1000) + " µs";
        }
        if (nanos < BILLION) {
            return decimal(nanos / 1000, 1000) + " ms";
        }
        long seconds = duration.getSeconds();
        if (seconds < 60) {
            return decimal(nanos / MILLION, 1000) + " s";
        }
        return seconds < 3600 ? two(seconds, 60, "min", 1, "s") : two(seconds, 3600, "h", 60, "min");
    }

    private static String decimal(long value, long unit) {
        long whole = value / unit;
        long rest = value % unit;
        if (rest == 0) {
            return Long.toString(whole);
        }
        String digits = Long.toString(unit + rest).substring(1);
        int end = digits.length();
        while (digits.charAt(end - 1) == '0') {
            end--;
        }
        return whole + "." + digits.substring(0, end);
    }

    private static String two(long seconds, long large, String largeName, long small, String smallName) {
        long rest = seconds % large / small;
        return seconds / large + " " + largeName + (rest != 0 ? " " + rest + " " + smallName : "");
    }
}
