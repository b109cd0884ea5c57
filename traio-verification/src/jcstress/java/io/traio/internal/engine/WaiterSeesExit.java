// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.slf4j.helpers.NOPLogger;

/** A waiter that finds a scope closed is thrown what its exit throws. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "not closed")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "closed, and the failure is seen")
@Outcome(expect = Expect.FORBIDDEN, desc = "closed, and the failure is not seen")
@State
public class WaiterSeesExit {

    private static final ScopeFactory SCOPES = ScopeFactory.create(o -> o.withLogger(NOPLogger.NOP_LOGGER));

    private static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        int value;

        Failure() {
            super("failure", null, /* enableSuppression= */ true, /* writableStackTrace= */ false);
        }
    }

    private final OpenScope scope = SCOPES.openShared("scope");

    @Actor
    public void canceller() {
        Failure failure = new Failure();
        failure.value = 1;
        scope.cancel(failure);
    }

    @Actor
    public void waiter(I_Result result) {
        if (scope.state() == Scope.State.CLOSED) {
            result.r1 = -1;
            try {
                scope.awaitDone();
            } catch (Failure e) {
                result.r1 = e.value;
            }
        }
    }
}
