// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A joiner that finds a task failed gets its failure, and sees what is in that. */
@JCStressTest
@Outcome(id = "-1", expect = Expect.ACCEPTABLE, desc = "not done")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "failed, and all is seen")
@Outcome(expect = Expect.FORBIDDEN, desc = "failed, and something is not seen")
@State
public class JoinSeesFailure {

    private static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        int value;

        Failure() {
            super("failure", null, /* enableSuppression= */ true, /* writableStackTrace= */ false);
        }
    }

    private final TaskNode<Object> task = States.task(
            States.scope(/* shared= */ true),
            () -> {
                Failure failure = new Failure();
                failure.value = 1;
                throw failure;
            },
            Node.CLAIM);

    @Actor
    public void runner() {
        TaskRun.run(task);
    }

    @Actor
    public void joiner(I_Result result) {
        result.r1 = -1;
        if (task.isDone()) {
            try {
                task.join();
                result.r1 = -2;
            } catch (Failure e) {
                result.r1 = e.value;
            }
        }
    }
}
