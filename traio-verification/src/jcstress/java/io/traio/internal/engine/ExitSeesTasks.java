// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Of two tasks that end, one finds that the scope is done by that, and sees what the other has written. */
@JCStressTest
@Outcome(
        id = {"-1, 1", "1, -1"},
        expect = Expect.ACCEPTABLE,
        desc = "done once, and all is seen")
@Outcome(expect = Expect.FORBIDDEN, desc = "something is not seen, or not done once")
@State
public class ExitSeesTasks {

    private final ScopeNode scope = States.scope(/* shared= */ true);
    private int first;
    private int second;

    public ExitSeesTasks() {
        Admission.admit(scope, /* awaited= */ true);
        Admission.admit(scope, /* awaited= */ true);
        Admission.countOut(scope, /* awaited= */ false);
        Admission.beginFinal(scope);
    }

    @Actor
    public void first(II_Result result) {
        first = 1;
        result.r1 = isDone() ? second : -1;
    }

    @Actor
    public void second(II_Result result) {
        second = 1;
        result.r2 = isDone() ? first : -1;
    }

    private boolean isDone() {
        return Admission.countOut(scope, /* awaited= */ true) == ScopeWord.Change.DONE;
    }
}
