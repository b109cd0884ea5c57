// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** What a thread blocks in that does not close at once when it is interrupted: who interrupts it runs the hook. */
final class SlowChannel extends AbstractInterruptibleChannel {

    private final Runnable hook;
    private final CountDownLatch closed = new CountDownLatch(1);

    SlowChannel(Runnable hook) {
        this.hook = hook;
    }

    @Override
    protected void implCloseChannel() {
        hook.run();
        closed.countDown();
    }

    @Nullable
    Object block(CountDownLatch blocked) throws Exception {
        try {
            begin();
            blocked.countDown();
            Blocking.stubbornly(closed);
        } finally {
            end(false);
        }
        return null;
    }

    /** Spawns a task that blocks in this, and returns when it does. */
    Task<?> spawnIn(Scope scope) throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        Task<?> slow = scope.spawn("slow", () -> block(blocked));
        Blocking.await(blocked);
        return slow;
    }
}
