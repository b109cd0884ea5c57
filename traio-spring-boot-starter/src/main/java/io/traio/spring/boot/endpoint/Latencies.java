// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long scopes of one name took: a histogram of 128 buckets, four to each power of two microseconds, up to an hour. A
 * percentile is the upper end of its bucket, so it is at most a quarter too high.
 *
 * <p>Thread-safe. Weakly consistent while times are added.
 */
final class Latencies {

    private static final int BUCKETS = 128;
    private static final int PER_POWER = 4;

    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final LongAdder sum = new LongAdder();
    private final LongAccumulator max = new LongAccumulator(Math::max, 0);

    void add(long nanos) {
        buckets.getAndIncrement(bucket(nanos / 1_000));
        sum.add(nanos);
        max.accumulate(nanos);
    }

    long count() {
        long count = 0;
        for (int i = 0; i < BUCKETS; i++) {
            count += buckets.get(i);
        }
        return count;
    }

    Duration mean() {
        long count = count();
        return count == 0 ? Duration.ZERO : Duration.ofNanos(sum.sum() / count);
    }

    Duration max() {
        return Duration.ofNanos(max.get());
    }

    /**
     * Returns the time in which a part of the scopes has ended.
     *
     * @param part from 0 to 1
     */
    Duration percentile(double part) {
        long wanted = (long) Math.ceil(part * count());
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += buckets.get(i);
            if (seen >= wanted && seen > 0) {
                return Duration.ofNanos(Math.min(max.get(), 1_000 * lowerEnd(i + 1)));
            }
        }
        return Duration.ZERO;
    }

    private static int bucket(long micros) {
        if (micros < PER_POWER) {
            return (int) Math.max(0, micros);
        }
        int power = 63 - Long.numberOfLeadingZeros(micros);
        int quarter = (int) (micros >>> (power - 2)) & (PER_POWER - 1);
        return Math.min(BUCKETS - 1, PER_POWER * (power - 1) + quarter);
    }

    /** Returns the microseconds from which on a time is in a bucket. */
    private static long lowerEnd(int bucket) {
        if (bucket < PER_POWER) {
            return bucket;
        }
        int power = bucket / PER_POWER + 1;
        return (long) (PER_POWER + bucket % PER_POWER) << (power - 2);
    }
}
