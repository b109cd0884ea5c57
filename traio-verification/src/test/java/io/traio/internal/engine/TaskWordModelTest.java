// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The word of a task: its phase, whether it is starting, and the claims on its outcome. Each transition is one step, so
 * there is one outcome, and whoever ends the task knows who has its failure.
 */
public class TaskWordModelTest {

    private final Fake task = new Fake();
    private boolean claimed;

    @Test
    @Timeout(600)
    void anySchedule_eachTransitionIsOneStep() {
        Models.check(TaskWordModelTest.class);
    }

    @Test
    @Timeout(600)
    void stress_eachTransitionIsOneStep() {
        Models.stress(TaskWordModelTest.class);
    }

    // ---- the runner ----

    @Operation(nonParallelGroup = "runner")
    public boolean begin() {
        return task.tryMove(Frame.QUEUED, Frame.RUNNING);
    }

    @Operation(nonParallelGroup = "runner")
    public boolean ready() {
        return task.tryReady();
    }

    /** Ends the code; returns what was the case then. */
    @Operation(nonParallelGroup = "runner")
    public String fail() {
        int phase = task.phase();
        if (phase < Frame.RUNNING || phase >= Frame.SUCCEEDED) {
            return "does not run";
        }
        int before = task.endCode(Frame.FAILED);
        return seen(Frame.phase(before))
                + (Frame.isCancelAnnounced(before) ? " announced" : "")
                + ((before & Node.STARTING) != 0 ? " starting" : "")
                + (before / Node.CLAIM > 0 ? " claimed" : "");
    }

    // ---- cancellers ----

    @Operation
    public boolean keepFromRunning() {
        return task.tryMove(Frame.QUEUED, Frame.CANCELLED);
    }

    /** As {@link InterruptAccount}, without an interrupt. */
    @Operation
    public boolean cancel() {
        return task.tryMove(Frame.RUNNING, Frame.INTERRUPTING) && task.tryMove(Frame.INTERRUPTING, Frame.CANCELLING);
    }

    @Operation
    public boolean announce() {
        return task.announceCancel();
    }

    @Operation(nonParallelGroup = "starter")
    public boolean giveUpStart() {
        return task.tryGiveUpStart();
    }

    // ---- a waiter ----

    @Operation(nonParallelGroup = "waiter")
    public boolean claim() {
        return !claimed && (claimed = task.claim());
    }

    /** False if the outcome is the waiter's. */
    @Operation(nonParallelGroup = "waiter")
    public boolean unclaim() {
        if (!claimed) {
            return false;
        }
        claimed = false;
        return task.unclaim();
    }

    @Operation
    public boolean callback() {
        return task.addCallback();
    }

    @Operation
    public String phase() {
        return seen(task.phase());
    }

    /** The two phases of a cancellation are one to whoever looks. */
    private static String seen(int phase) {
        return phase == Frame.INTERRUPTING || phase == Frame.CANCELLING ? "cancelling" : "phase " + phase;
    }

    /** A task without a scope. */
    private static final class Fake extends Node {

        Fake() {
            super("task", STARTING);
        }

        @Override
        void cancelFromAbove() {}

        @Override
        boolean isLive() {
            return !isCodeEnded();
        }

        @Override
        boolean interruptible() {
            return true;
        }

        @Override
        String kind() {
            return "task";
        }
    }
}
