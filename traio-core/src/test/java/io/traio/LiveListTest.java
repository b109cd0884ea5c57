// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What lives is in the list, and what is dead is not kept for long. */
@Timeout(30)
class LiveListTest {

    private final LiveList list = new LiveList();

    @Test
    void snapshot_someDead_hasTheOthersInOrder() {
        List<Fake> nodes = add(1_000);
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).dead = i % 3 == 0;
        }
        assertThat(list.snapshot()).containsExactlyElementsOf(living(nodes));
    }

    @Test
    void sweep_someDead_keepsTheOthers() {
        List<Fake> nodes = add(1_000);
        for (int i = 0; i < nodes.size(); i++) {
            nodes.get(i).dead = i > 5;
        }
        list.sweep();
        nodes.addAll(add(1_000));

        assertThat(list.snapshot()).containsExactlyElementsOf(living(nodes));
    }

    @Test
    void removeLastDead_livingBelow_leavesIt() {
        List<Fake> nodes = add(3);
        nodes.get(1).dead = true;
        nodes.get(2).dead = true;
        list.removeLastDead();
        Fake last = new Fake();
        list.add(last);

        assertThat(list.snapshot()).containsExactly(nodes.get(0), last);
    }

    @Test
    void sweep_isDue_whenTheDeadAreAsManyAsTheLiving() {
        add(1_000);
        assertThat(list.isSweepDue(1_000)).isFalse();
        assertThat(list.isSweepDue(10)).isTrue();
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
                node.dead = true;
            }
            if (random.nextBoolean()) {
                list.removeLastDead();
            }
            if (full || random.nextInt(50) == 0) {
                list.sweep();
            }
        }
        return living;
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
        return nodes.stream().filter(node -> !node.dead).toList();
    }

    private static final class Fake extends Node {

        volatile boolean dead;

        Fake() {
            super("fake", 0);
        }

        @Override
        void cancelFromAbove() {
            throw new AssertionError("not to be cancelled");
        }

        @Override
        boolean isDead() {
            return dead;
        }

        @Override
        String kind() {
            return "fake";
        }

        @Override
        boolean interruptible() {
            return false;
        }

        @Override
        ScopeNode frameScope() {
            throw new AssertionError("in no scope");
        }
    }
}
