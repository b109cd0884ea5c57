// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Blocking;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What lives is in the list, and what is ended is not kept for long. */
@Timeout(30)
class LiveListTest {

    private static final int MIN_ENDED_TO_SWEEP = 64;
    /** Each array has twice as many as the one before. */
    private static final int PLACES_OF_FIVE_ARRAYS = 3 + 6 + 12 + 24 + 48;

    private final LiveList list = new LiveList();

    @Test
    void snapshot_someEnded_hasTheOthersInOrder() {
        List<Fake> nodes = add(1_000);
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).ended = i % 3 == 0;
        }
        assertThat(list.snapshot()).containsExactlyElementsOf(living(nodes));
    }

    @Test
    void cursor_someEnded_hasTheOthersInOrder() {
        List<Fake> nodes = add(1_000);
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).ended = i % 3 == 0;
        }
        assertThat(all(list.cursor())).containsExactlyElementsOf(living(nodes));
    }

    @Test
    void cursor_askedForAFew_looksAtNoOthers() {
        List<Fake> nodes = add(10_000);
        AtomicInteger asked = new AtomicInteger();
        nodes.forEach(node -> node.whenAsked = asked::incrementAndGet);
        LiveList.Cursor cursor = list.cursor();
        for (int i = 0; i < 3; i++) {
            assertThat(cursor.next(Fake.class)).isSameAs(nodes.get(i));
        }
        assertThat(asked).hasValue(3);
    }

    @Test
    void cursor_otherType_hasNone() {
        add(10);
        assertThat(list.cursor().next(ScopeNode.class)).isNull();
    }

    private static List<Node> all(LiveList.Cursor cursor) {
        List<Node> all = new ArrayList<>();
        for (Node next = cursor.next(Node.class); next != null; next = cursor.next(Node.class)) {
            all.add(next);
        }
        return all;
    }

    @Test
    void sweep_someEnded_keepsTheOthers() {
        List<Fake> nodes = add(1_000);
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).ended = i > 5;
        }
        list.sweep();
        nodes.addAll(add(1_000));

        assertThat(list.snapshot()).containsExactlyElementsOf(living(nodes));
    }

    @Test
    void removeLastEnded_livingBelow_leavesIt() {
        List<Fake> nodes = add(3);
        nodes.get(1).ended = true;
        nodes.get(2).ended = true;
        list.removeLastEnded();
        Fake last = new Fake();
        list.add(last);

        assertThat(list.snapshot()).containsExactly(nodes.get(0), last);
    }

    @Test
    void sweep_isDue_whenTheEndedAreAsManyAsTheLiving() {
        add(1_000);
        assertThat(list.isSweepDue(1_000)).isFalse();
        assertThat(list.isSweepDue(10)).isTrue();
    }

    /**
     * Another thread was about to empty the last place when its array became an older one. Who has the array in hand may
     * use the place again, so it is not among the ended: they are just too few without it.
     */
    @Test
    void sweep_placeIsEmptiedMeanwhile_countsAsLiving() throws Exception {
        List<Fake> nodes = add(PLACES_OF_FIVE_ARRAYS);
        nodes.subList(0, PLACES_OF_FIVE_ARRAYS - MIN_ENDED_TO_SWEEP).forEach(node -> node.ended = true);
        Fake last = nodes.get(nodes.size() - 1);
        last.ended = true;
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch swept = new CountDownLatch(1);
        Thread remover = new Thread(() -> list.removeLastEnded());
        last.whenAsked = () -> {
            if (Thread.currentThread() == remover) {
                asked.countDown();
                Blocking.stubbornly(swept);
            } else {
                swept.countDown();
                Blocking.spinUntil("the place is empty", () -> !remover.isAlive());
            }
        };
        remover.start();
        Blocking.await(asked);
        add(1).get(0).ended = true;
        list.sweep();
        remover.join();

        assertThat(list.snapshot()).hasSize(MIN_ENDED_TO_SWEEP - 1);
        assertThat(list.isSweepDue(0)).isTrue();
    }

    /** All at once from several threads, which leave a few alive: these must be there at the end. */
    @Test
    void living_addedWhileOthersSweepAndRemove_areNeverLost() throws Exception {
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<List<Fake>>> kept = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                Random random = new Random(t);
                Callable<List<Fake>> work = () -> churn(random, start);
                kept.add(pool.submit(work));
            }
            start.countDown();
            List<Node> living = new ArrayList<>();
            for (Future<List<Fake>> future : kept) {
                living.addAll(future.get());
            }
            assertThat(list.snapshot()).containsExactlyInAnyOrderElementsOf(living);
        } finally {
            pool.shutdownNow();
        }
    }

    private List<Fake> churn(Random random, CountDownLatch start) throws InterruptedException {
        List<Fake> living = new ArrayList<>();
        start.await();
        for (int i = 0; i < 50_000; i++) {
            Fake node = new Fake();
            boolean full = list.add(node);
            if (random.nextInt(1_000) == 0) {
                living.add(node);
            } else {
                node.ended = true;
            }
            if (random.nextBoolean()) {
                list.removeLastEnded();
            }
            if (full || random.nextInt(50) == 0) {
                list.sweep();
            }
        }
        return living;
    }

    /** A node that lives. */
    static Node living() {
        return new Fake();
    }

    /** A node that is ended. */
    static Node ended() {
        Fake node = new Fake();
        node.ended = true;
        return node;
    }

    private List<Fake> add(int count) {
        List<Fake> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Fake node = new Fake();
            list.add(node);
            nodes.add(node);
        }
        return nodes;
    }

    private static List<Fake> living(List<Fake> nodes) {
        return nodes.stream().filter(node -> !node.ended).toList();
    }

    private static final class Fake extends Node {

        volatile boolean ended;
        volatile Runnable whenAsked = () -> {};

        Fake() {
            super("fake", 0);
        }

        @Override
        void cancelFromAbove() {
            throw new AssertionError("not to be cancelled");
        }

        @Override
        boolean isLive() {
            whenAsked.run();
            return !ended;
        }

        @Override
        String kind() {
            return "fake";
        }

        @Override
        boolean interruptible() {
            return false;
        }
    }
}
