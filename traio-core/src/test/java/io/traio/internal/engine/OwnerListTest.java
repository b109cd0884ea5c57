// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread adds without compare-and-set, and others see all that it has added. */
@Timeout(30)
class OwnerListTest {

    private static final int MANY = 20_000;

    private final OwnerList list = OwnerList.create();

    @Test
    void add_beyondTheFirstArrays_keepsTheOrder() {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            Node node = LiveListTest.living();
            nodes.add(node);
            list.add(node);
        }
        assertThat(list.snapshot()).containsExactlyElementsOf(nodes);
    }

    @Test
    void add_deadOnesAreSwept_keepsTheLiving() {
        List<Node> living = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            boolean lives = i % 100 == 0;
            Node node = lives ? LiveListTest.living() : LiveListTest.ended();
            boolean full = list.add(node);
            if (lives) {
                living.add(node);
            }
            if (full && list.isSweepDue(living.size())) {
                list.sweep();
            }
        }
        assertThat(list.snapshot()).containsExactlyElementsOf(living);
    }

    @Test
    void snapshot_whileTheOwnerAddsAndSweeps_hasAllThatWereAddedBefore() throws Exception {
        List<Node> added = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Void> owner = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < MANY; i++) {
                boolean lives = i % 200 == 0;
                Node node = lives ? LiveListTest.living() : LiveListTest.ended();
                boolean full = list.add(node);
                if (lives) {
                    added.add(node);
                }
                if (full) {
                    list.sweep();
                }
            }
        });
        while (!owner.isDone()) {
            List<Node> before = List.copyOf(added);
            assertThat(list.snapshot()).containsAll(before);
        }
        owner.get(20, TimeUnit.SECONDS);
        assertThat(list.snapshot()).containsExactlyElementsOf(added);
    }
}
