// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The list of members, into which threads add while others sweep, take back places, and look. What lives is in it once,
 * and a look finds each member that was in before it began and lives when it ends.
 */
@Param(name = "node", gen = IntGen.class, conf = "0:7")
public class LiveListModelTest {

    private static final int NODES = 8;

    private final LiveList list = new LiveList();
    private final AtomicReferenceArray<Fake> nodes = new AtomicReferenceArray<>(NODES);

    @Test
    @Timeout(600)
    void anySchedule_nothingThatLivesIsLost() {
        Models.check(LiveListModelTest.class);
    }

    @Test
    @Timeout(600)
    void stress_nothingThatLivesIsLost() {
        Models.stress(LiveListModelTest.class);
    }

    @Operation
    public void add(@Param(name = "node") int number) {
        Fake fresh = new Fake();
        if (nodes.compareAndSet(number, null, fresh)) {
            list.add(fresh);
            fresh.in = true;
        }
    }

    @Operation
    public void end(@Param(name = "node") int number) {
        Fake node = nodes.get(number);
        if (node != null) {
            node.ended = true;
        }
    }

    @Operation
    public void sweep() {
        list.sweep();
    }

    @Operation
    public void removeLastEnded() {
        list.removeLastEnded();
    }

    @Operation
    public void look() {
        List<Fake> before = living();
        List<Node> seen = list.snapshot();
        requireOnceEach(seen);
        for (Fake node : before) {
            // Read after the look: if it has ended since, it may be missing.
            if (!seen.contains(node) && !node.ended) {
                throw new IllegalStateException("a member was overlooked");
            }
        }
    }

    @Validate
    public void validate() {
        List<Node> seen = list.snapshot();
        requireOnceEach(seen);
        if (!Set.copyOf(seen).equals(Set.copyOf(living()))) {
            throw new IllegalStateException("in the list: " + seen + ", alive: " + living());
        }
    }

    private List<Fake> living() {
        List<Fake> living = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            Fake node = nodes.get(i);
            if (node != null && node.in && !node.ended) {
                living.add(node);
            }
        }
        return living;
    }

    private static void requireOnceEach(List<Node> seen) {
        if (new HashSet<>(seen).size() < seen.size()) {
            throw new IllegalStateException("twice in the list: " + seen);
        }
    }

    /** A member that ends when the test says so. */
    private static final class Fake extends Node {

        volatile boolean in;
        volatile boolean ended;

        Fake() {
            super("fake", QUEUED);
        }

        @Override
        void cancelFromAbove() {}

        @Override
        boolean isLive() {
            return !ended;
        }

        @Override
        boolean interruptible() {
            return false;
        }

        @Override
        String kind() {
            return "fake";
        }
    }
}
