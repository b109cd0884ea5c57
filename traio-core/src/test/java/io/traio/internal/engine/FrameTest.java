// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Blocking;
import io.traio.EngineTest;
import io.traio.EngineTest.Threads;
import io.traio.Harness;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;

/** Whose interrupt is taken back when a thread leaves code. */
class FrameTest {

    private static final int ROUNDS = 3_000;
    /** So many frames that to look at all takes longer than another thread needs to cancel the outermost. */
    private static final int DEPTH = 5_000;

    /**
     * The inner frame has been interrupted. While that is taken back the outermost is interrupted too, sooner or later:
     * whenever it comes, that interrupt is there when the inner one has been left.
     */
    @EngineTest(on = Threads.FACTORY)
    void settle_outermostIsInterruptedMeanwhile_thatIsKept(Harness harness) throws Exception {
        Random random = new Random(1);
        Fake outermost = begun();
        for (int i = 0; i < DEPTH; i++) {
            begun();
        }
        Fake[] inner = new Fake[1];
        int[] pause = new int[1];
        AtomicBoolean watching = new AtomicBoolean();
        CyclicBarrier barrier = harness.eachRound(ROUNDS, () -> {
            watching.set(true);
            Blocking.spinUntil("the inner is being left", () -> inner[0].isCodeEnded());
            Blocking.spin(pause[0]);
            InterruptAccount.cancel(outermost);
        });
        for (int round = 0; round < ROUNDS; round++) {
            inner[0] = begun();
            pause[0] = random.nextInt(1_500);
            watching.set(false);
            Blocking.await(barrier);
            InterruptAccount.cancel(inner[0]);
            Blocking.spinUntil("the other is awake", watching::get);
            boolean outside =
                    InterruptAccount.settle(inner[0], Frame.SUCCEEDED, false) == InterruptAccount.Settled.OUTSIDE;
            CurrentFrame.leave(inner[0]);
            InterruptAccount.left(inner[0], outside, false);
            Blocking.spinUntil("the outermost is interrupted", () -> outermost.phase() == Frame.CANCELLING);

            assertThat(Thread.currentThread().isInterrupted())
                    .as("round %d", round)
                    .isTrue();
            InterruptAccount.settle(outermost, Frame.SUCCEEDED, false);
            // To be interrupted again in the next round.
            outermost.clearFlags(Frame.NOTIFIED | Frame.UNSENT | Frame.OUTSIDE);
            outermost.tryMove(Frame.CANCELLED, Frame.RUNNING);
            Blocking.await(barrier);
        }
        CurrentFrame.set(null);
    }

    private static Fake begun() {
        return begun(new Fake(/* interruptible= */ true));
    }

    private static Fake begun(Fake frame) {
        CurrentFrame.begin(frame);
        return frame;
    }

    /** Code that cancelling does not interrupt is not notified so by the frame inside either, at whatever moment that is left. */
    @EngineTest(on = Threads.FACTORY)
    void left_outerIsNotInterruptible_noInterruptComes(Harness harness) throws Exception {
        Fake outer = begun(new Fake(/* interruptible= */ false));
        Fake inner = begun();
        outer.tryMove(Frame.RUNNING, Frame.INTERRUPTING);
        harness.helper(() -> {
            Blocking.until("the inner is being left", inner::isCodeEnded);
            Blocking.spin(10_000);
            outer.setFlags(Frame.NOTIFIED);
            outer.tryMove(Frame.INTERRUPTING, Frame.CANCELLING);
        });

        inner.endCode(Frame.SUCCEEDED);
        CurrentFrame.leave(inner);
        InterruptAccount.left(inner, false, false);

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        outer.endCode(Frame.SUCCEEDED);
        CurrentFrame.leave(outer);
    }

    private static final class Fake extends Frame {

        private final boolean interruptible;

        Fake(boolean interruptible) {
            super(QUEUED);
            this.interruptible = interruptible;
        }

        @Override
        boolean interruptible() {
            return interruptible;
        }

        @Override
        String label() {
            return "fake";
        }
    }
}
