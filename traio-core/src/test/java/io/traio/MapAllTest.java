// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code mapAll} and {@code forEach} (B3). */
@Spec("B3")
class MapAllTest {

    private static final int LIMIT = 2;

    /** A source that counts what was pulled from it, by which threads. */
    private static class Source implements Iterator<Integer> {

        final AtomicInteger pulled = new AtomicInteger();
        final Set<Thread> pullers = ConcurrentHashMap.newKeySet();
        private final int size;

        Source(int size) {
            this.size = size;
        }

        @Override
        public boolean hasNext() {
            return pulled.get() < size;
        }

        @Override
        public Integer next() {
            pullers.add(Thread.currentThread());
            return pulled.getAndIncrement();
        }
    }

    private static List<Integer> numbers(int size) {
        return IntStream.range(0, size).boxed().toList();
    }

    @EngineTest
    void mapAll_iterable_keepsTheOrder(ScopeFactory scopes) {
        List<Integer> doubled = Operators.on(scopes).mapAll(numbers(1000), LIMIT, n -> 2 * n);
        assertThat(doubled).hasSize(1000).startsWith(0, 2, 4).endsWith(1998).isSorted();
    }

    @EngineTest
    void mapAll_iteratorAndStream_keepTheOrder(ScopeFactory scopes) {
        Operators on = Operators.on(scopes);
        assertThat(on.mapAll(numbers(3).iterator(), LIMIT, n -> n + "!")).containsExactly("0!", "1!", "2!");
        assertThat(on.mapAll(Stream.of("b", "a"), LIMIT, String::length)).containsExactly(1, 1);
    }

    @EngineTest
    void mapAll_nulls_areKept(ScopeFactory scopes) {
        List<String> results = Operators.on(scopes).mapAll(Arrays.asList("a", null), LIMIT, s -> s);
        assertThat(results).containsExactly("a", null);
    }

    @EngineTest
    void mapAll_empty_givesAnEmptyList(ScopeFactory scopes) {
        assertThat(Operators.on(scopes).mapAll(List.of(), LIMIT, Object::toString))
                .isEmpty();
    }

    @EngineTest
    void mapAll_source_isPulledByTheCallerOnly(ScopeFactory scopes) {
        Source source = new Source(50);
        Operators.on(scopes).mapAll(source, LIMIT, n -> n);
        assertThat(source.pullers).containsExactly(Thread.currentThread());
    }

    @EngineTest
    void mapAll_source_isPulledWhenThereIsRoomOnly(ScopeFactory scopes) {
        Source source = new Source(100);
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Operators.on(scopes).mapAll(source, LIMIT, n -> {
            most.accumulateAndGet(source.pulled.get() - ended.get(), Math::max);
            ended.incrementAndGet();
            return n;
        });
        // One that has ended may not have been counted.
        assertThat(most).hasValueLessThanOrEqualTo(2 * LIMIT);
    }

    @EngineTest
    void mapAll_allInWork_pullsNoMore(ScopeFactory scopes, Harness harness) {
        Source source = new Source(10);
        CountDownLatch inWork = new CountDownLatch(LIMIT);
        CountDownLatch release = new CountDownLatch(1);
        Thread owner = Thread.currentThread();
        harness.helper(() -> {
            Blocking.await(inWork);
            Blocking.untilParked(owner);
            assertThat(source.pulled).hasValue(LIMIT);
            release.countDown();
        });
        Operators.on(scopes).forEach(source, LIMIT, n -> {
            inWork.countDown();
            Blocking.await(release);
        });
        assertThat(source.pulled).hasValue(10);
    }

    @EngineTest
    void mapAll_endlessSource_endsWithTheFirstFailure(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        Stream<Integer> endless = Stream.iterate(0, n -> n + 1);
        assertThatThrownBy(() -> Operators.on(scopes).mapAll(endless, LIMIT, n -> {
                    if (n == 100) {
                        throw failure;
                    }
                    return n;
                }))
                .isSameAs(failure);
    }

    @EngineTest
    void mapAll_sourceFails_throwsThatAndCancelsTheTasks(ScopeFactory scopes) {
        CountDownLatch runs = new CountDownLatch(1);
        Iterator<Integer> broken = new Source(2) {
            @Override
            public Integer next() {
                if (pulled.get() == 1) {
                    try {
                        Blocking.await(runs);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    throw new NoSuchElementException("broken source");
                }
                return super.next();
            }
        };
        assertThatExceptionOfType(NoSuchElementException.class)
                .isThrownBy(() -> Operators.on(scopes).mapAll(broken, LIMIT, n -> {
                    runs.countDown();
                    return Blocking.forever();
                }))
                .withMessage("broken source");
    }

    @EngineTest
    void mapAll_checkedException_isWrapped(ScopeFactory scopes) {
        IOException failure = new IOException("failed");
        assertThatExceptionOfType(ScopeFailedException.class)
                .isThrownBy(() -> Operators.on(scopes).mapAll(numbers(3), LIMIT, n -> {
                    throw failure;
                }))
                .withCause(failure);
    }

    @EngineTest
    void mapAll_cancelledByATask_throwsScopeCancelled(ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeCancelledException.class)
                .isThrownBy(() -> Operators.on(scopes).mapAll(numbers(3), LIMIT, n -> {
                    Scope.requireCurrent().cancel();
                    return n;
                }));
    }

    @EngineTest
    void mapAll_nested_endsOnAnyPool(ScopeFactory scopes) {
        List<List<Integer>> table = Operators.on(scopes)
                .mapAll(numbers(5), LIMIT, n -> Operators.onCurrent().mapAll(numbers(5), LIMIT, m -> n * m));
        assertThat(table.get(4)).containsExactly(0, 4, 8, 12, 16);
    }

    @EngineTest
    void mapAll_whileItRuns_showsAsMapAll(ScopeFactory scopes) {
        scopes.run("outer", outer -> {
            List<String> kinds = Operators.onCurrent()
                    .mapAll(
                            numbers(1),
                            LIMIT,
                            n -> outer.snapshot().children().get(0).kind());
            assertThat(kinds).containsExactly("mapAll");
        });
    }

    @EngineTest
    void mapAll_functionSpawnsIntoTheScope_limitHolds(ScopeFactory scopes) {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Operators.on(scopes).forEach(numbers(50), LIMIT, n -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            Scope.requireCurrent().spawn(() -> 1);
            Thread.yield();
            running.decrementAndGet();
        });
        assertThat(most).hasValueLessThanOrEqualTo(LIMIT);
    }

    @EngineTest
    void mapAll_oneTaskCancelledByItself_throwsCancellation(Harness harness) {
        AtomicInteger spawned = new AtomicInteger();
        ScopeFactory scopes = harness.scopes(f -> f.withListener(Watcher.onTaskSpawned(task -> {
            if (spawned.incrementAndGet() == 3) {
                task.cancel();
            }
        })));
        Source source = new Source(100);
        assertThatExceptionOfType(CancellationException.class)
                .isThrownBy(() -> Operators.on(scopes).mapAll(source, 1, n -> n))
                .withMessageContaining("mapAll");
        assertThat(source.pulled).hasValueLessThan(100);
    }

    @EngineTest
    void mapAll_defaultsThatReject_doNotReject(Harness harness) {
        ScopeFactory scopes = harness.scopes(
                f -> f.withDefaults(s -> s.withMaxConcurrency(1).withOverflow(ScopeOptions.Overflow.REJECT)));
        assertThat(Operators.on(scopes).mapAll(numbers(20), LIMIT, n -> n)).hasSize(20);
        assertThat(Operators.on(scopes).all(() -> 1, () -> 2, Integer::sum)).isEqualTo(3);
    }

    @EngineTest
    void forEach_items_areAllUsed(ScopeFactory scopes) {
        Set<Integer> used = ConcurrentHashMap.newKeySet();
        Operators on = Operators.on(scopes);
        on.forEach(numbers(100), LIMIT, used::add);
        on.forEach(List.of(100).iterator(), LIMIT, used::add);
        on.forEach(Stream.of(101), LIMIT, used::add);
        assertThat(used).hasSize(102);
    }

    @EngineTest
    void forEach_itemsThatAreDone_areNotKept(ScopeFactory scopes) {
        List<WeakReference<Object>> pulled = new CopyOnWriteArrayList<>();
        Stream<Object> items = Stream.generate(() -> {
                    Object item = new Object();
                    pulled.add(new WeakReference<>(item));
                    return item;
                })
                .limit(200);
        AtomicInteger used = new AtomicInteger();
        Operators.on(scopes).forEach(items, LIMIT, item -> {
            if (used.incrementAndGet() == 200) {
                Blocking.until("items are collected", () -> {
                    System.gc();
                    return pulled.stream().filter(ref -> ref.get() != null).count() <= 2 * LIMIT;
                });
            }
        });
        assertThat(pulled).hasSize(200);
    }

    @EngineTest
    void forEach_limit_isKept(ScopeFactory scopes) {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Operators.on(scopes).forEach(numbers(200), LIMIT, n -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            Thread.yield();
            running.decrementAndGet();
        });
        assertThat(most).hasValueLessThanOrEqualTo(LIMIT);
    }

    @EngineTest
    void forEach_fails_throwsTheFailure(ScopeFactory scopes) {
        RuntimeException failure = new IllegalStateException("failed");
        assertThatThrownBy(() -> Operators.on(scopes).forEach(numbers(10), LIMIT, n -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void limit_zeroOrNegative_isRefused() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            Operators on = Operators.on(scopes);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> on.mapAll(numbers(3), 0, n -> n))
                    .withMessageContaining("limit");
            assertThatIllegalArgumentException().isThrownBy(() -> on.forEach(numbers(3), -1, n -> {}));
        }
    }

    @Test
    void arguments_null_areRefused() {
        try (ScopeFactory scopes = ScopeFactory.create()) {
            Operators on = Operators.on(scopes);
            assertThatNullPointerException().isThrownBy(() -> on.mapAll((List<String>) null, 1, s -> s));
            assertThatNullPointerException().isThrownBy(() -> on.mapAll(List.of(), 1, null));
            assertThatNullPointerException().isThrownBy(() -> on.forEach(Collections.emptyIterator(), 1, null));
        }
    }
}
