// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest.Threads;
import io.traio.Frame.Owed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Whose interrupt is taken back when a thread leaves code. */
class FrameTest {

    private static final int ROUNDS = 400;
    /** So many frames that to look at all takes longer than another thread needs to cancel the outermost. */
    private static final int DEPTH = 2_000;

    /**
     * The inner frame has been interrupted. While that is taken back the outermost is interrupted too, sooner or later:
     * whenever it comes, that interrupt is there when the inner one has been left.
     */
    @EngineTest(on = Threads.FACTORY)
    void settle_outermostIsInterruptedMeanwhile_thatIsKept(Harness harness) throws Exception {
        Random random = new Random(1);
        AtomicReference<Fake> outermost = new AtomicReference<>();
        AtomicReference<Fake> inner = new AtomicReference<>();
        AtomicBoolean watching = new AtomicBoolean();
        int[] pause = new int[1];
        CyclicBarrier barrier = new CyclicBarrier(2);
        harness.helper(() -> {
            for (int round = 0; round < ROUNDS; round++) {
                Blocking.await(barrier);
                watching.set(true);
                Blocking.spinUntil("it is being left", () -> inner.get().isEnded());
                for (int i = 0; i < pause[0]; i++) {
                    Thread.onSpinWait();
                }
                outermost.get().interrupt();
                Blocking.await(barrier);
            }
        });
        for (int round = 0; round < ROUNDS; round++) {
            List<Fake> frames = nested();
            outermost.set(frames.get(0));
            inner.set(frames.get(DEPTH - 1));
            pause[0] = random.nextInt(400);
            watching.set(false);
            Blocking.await(barrier);
            inner.get().interrupt();
            Blocking.spinUntil("the other is awake", watching::get);
            Owed owed = inner.get().settle(Frame.SUCCEEDED);
            inner.get().interruptAgain(owed);
            Blocking.spinUntil("the other is interrupted", () -> outermost.get().phase() == Frame.CANCELLING);
            assertThat(Thread.interrupted()).as("round %d", round).isTrue();
            Blocking.await(barrier);
            Frames.set(null);
        }
    }

    private static List<Fake> nested() {
        List<Fake> frames = new ArrayList<>();
        for (int i = 0; i < DEPTH; i++) {
            Fake frame = new Fake();
            frame.begin();
            frames.add(frame);
        }
        return frames;
    }

    private static final class Fake extends Frame {

        Fake() {
            super(QUEUED);
        }

        @Override
        boolean interruptible() {
            return true;
        }

        @Override
        ScopeNode frameScope() {
            throw new AssertionError("in no scope");
        }

        @Override
        String label() {
            return "fake";
        }
    }
}
