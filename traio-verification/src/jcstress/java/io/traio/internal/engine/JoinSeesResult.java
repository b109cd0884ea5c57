// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A joiner that finds a task done sees its result, what is in that, and what else the task has written. */
@JCStressTest
@Outcome(id = "-1, -1", expect = Expect.ACCEPTABLE, desc = "not done")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "done, and all is seen")
@Outcome(expect = Expect.FORBIDDEN, desc = "done, and something is not seen")
@State
public class JoinSeesResult {

    private static final class Box {
        int value;
    }

    private int written;
    private final TaskNode<Box> task = States.task(
            States.scope(/* shared= */ true),
            () -> {
                Box box = new Box();
                box.value = 1;
                written = 1;
                return box;
            },
            0);

    @Actor
    public void runner() {
        TaskRun.run(task);
    }

    @Actor
    public void joiner(II_Result result) {
        boolean done = task.isDone();
        result.r1 = done ? task.join().value : -1;
        result.r2 = done ? written : -1;
    }
}
