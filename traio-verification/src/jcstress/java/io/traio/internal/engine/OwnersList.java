// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.spi.CancelReason;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The owner's list, as docs/design.md argues: a spawner that writes without a fence, a task and a canceller that both have one. Either
 * the task sees that its scope was cancelled, or the canceller sees the task.
 */
@JCStressTest
@Outcome(id = "1, 0", expect = Expect.FORBIDDEN, desc = "the task runs, and the canceller has missed it")
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "the task was not started, or has seen the cancellation")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "both saw")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "the canceller saw the task")
@State
public class OwnersList {

    private final ScopeNode scope = States.scope(/* shared= */ false);
    private final TaskNode<Integer> task = States.task(scope, () -> 1, 0);

    /** The task goes on where its owner has started it: the start of a thread orders no less. */
    @Actor
    public void ownerAndTask(II_Result result) {
        Members.enterByOwner(scope, task);
        if (!scope.isCancelled()) {
            VarHandle.fullFence();
            result.r1 = scope.isCancelled() ? 0 : 1;
        }
    }

    @Actor
    public void canceller(II_Result result) {
        ScopeEnd.begin(scope, CancelCause.of(CancelReason.EXPLICIT, null, null, 0));
        Admission.beginEnding(scope);
        VarHandle.fullFence();
        result.r2 = Members.of(scope).contains(task) ? 1 : 0;
    }
}
