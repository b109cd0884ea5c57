// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spi.CancelReason;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Listeners are notified of the cancellation of a scope before its end. */
class ListenerOrderTest {

    private final List<String> notified = new CopyOnWriteArrayList<>();

    @EngineTest
    void cancel_sharedScopeWithoutMembers_cancelledIsReportedBeforeClosed(Harness harness) {
        harness.scopes(f -> f.withListener(new Order())).openShared("scope").cancel();
        assertThat(notified).containsExactly("cancelled", "closed");
    }

    @EngineTest(on = EngineTest.Threads.POOL)
    void cancel_sharedScopeWithQueuedTask_cancelledIsReportedBeforeClosed(Harness harness) {
        OpenScope scope = harness.scopes(f -> f.withExecutor(task -> {}).withListener(new Order()))
                .openShared("scope");
        scope.spawn(() -> {});
        scope.cancel();
        assertThat(notified).containsExactly("cancelled", "closed");
    }

    private final class Order implements ScopeListener {

        @Override
        public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
            notified.add("cancelled");
        }

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            notified.add("closed");
        }
    }
}
