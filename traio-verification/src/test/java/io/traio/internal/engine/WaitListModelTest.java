// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.util.ArrayList;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The list of waiters: who is in it is called once, by the one event; who came too late, or has left, is not. */
@Param(name = "action", gen = IntGen.class, conf = "0:2")
public class WaitListModelTest {

    private final WaitList list = new WaitList();
    private final ThreadLocal<List<Integer>> called = ThreadLocal.withInitial(ArrayList::new);
    private final List<Runnable> actions = List.of(action(0), action(1), action(2));

    private Runnable action(int number) {
        return () -> called.get().add(number);
    }

    @Test
    @Timeout(600)
    void anySchedule_eachOperationIsOneStep() {
        Models.check(WaitListModelTest.class);
    }

    @Test
    @Timeout(600)
    void stress_eachOperationIsOneStep() {
        Models.stress(WaitListModelTest.class);
    }

    @Operation
    public boolean add(@Param(name = "action") int action) {
        return list.add(actions.get(action));
    }

    @Operation
    public boolean remove(@Param(name = "action") int action) {
        return list.remove(actions.get(action));
    }

    /** Returns which actions this call has called, in their order. */
    @Operation
    public List<Integer> fire() {
        called.get().clear();
        list.fire();
        return List.copyOf(called.get());
    }

    @Operation
    public boolean isEmpty() {
        return list.isEmpty();
    }
}
