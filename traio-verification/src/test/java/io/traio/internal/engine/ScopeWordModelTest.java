// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.FactoryOptions;
import io.traio.ScopeOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The word of a scope: who is counted in and until when. Each transition is one step, and what follows from it follows
 * once: no member is admitted to a scope that is done, and exactly one thread finds that it is.
 */
public class ScopeWordModelTest {

    private static final Engine ENGINE = new Engine(FactoryOptions.DEFAULT);

    private final ScopeNode scope =
            new ScopeHandle(ENGINE, null, "shared", ScopeOptions.DEFAULT, /* shared= */ true, /* now= */ 0);
    private int awaited;
    private int background;
    private int cancellers;
    private boolean opening = true;

    @Test
    @Timeout(600)
    void anySchedule_eachTransitionIsOneStep() {
        Models.check(ScopeWordModelTest.class);
    }

    @Test
    @Timeout(600)
    void stress_eachTransitionIsOneStep() {
        Models.stress(ScopeWordModelTest.class);
    }

    @Operation(nonParallelGroup = "opener")
    public String opened() {
        if (!opening) {
            return "-";
        }
        opening = false;
        return Admission.countOut(scope, /* awaited= */ false).name();
    }

    @Operation(nonParallelGroup = "opener")
    public String complete() {
        return Admission.beginFinal(scope).name();
    }

    @Operation(nonParallelGroup = "awaited")
    public boolean spawn() {
        boolean admitted = Admission.admit(scope, /* awaited= */ true);
        awaited += admitted ? 1 : 0;
        return admitted;
    }

    @Operation(nonParallelGroup = "awaited")
    public String end() {
        if (awaited == 0) {
            return "-";
        }
        awaited--;
        return Admission.countOut(scope, /* awaited= */ true).name();
    }

    @Operation(nonParallelGroup = "background")
    public boolean spawnInBackground() {
        boolean admitted = Admission.admit(scope, /* awaited= */ false);
        background += admitted ? 1 : 0;
        return admitted;
    }

    @Operation(nonParallelGroup = "background")
    public String endInBackground() {
        if (background == 0) {
            return "-";
        }
        background--;
        return Admission.countOut(scope, /* awaited= */ false).name();
    }

    @Operation(nonParallelGroup = "canceller")
    public boolean beginToCancel() {
        boolean admitted = Admission.admitCanceller(scope);
        if (admitted) {
            cancellers++;
        }
        return admitted;
    }

    @Operation(nonParallelGroup = "canceller")
    public boolean ending() {
        if (cancellers > 0) {
            Admission.beginEnding(scope);
        }
        return scope.isEnding();
    }

    @Operation(nonParallelGroup = "canceller")
    public String cancelled() {
        if (cancellers == 0) {
            return "-";
        }
        cancellers--;
        return Admission.countOut(scope, /* awaited= */ false).name();
    }

    @Operation
    public String state() {
        long word = scope.control;
        return ScopeWord.live(word) + "/" + ScopeWord.awaited(word)
                + (ScopeWord.has(word, ScopeWord.DONE) ? " done" : "");
    }
}
