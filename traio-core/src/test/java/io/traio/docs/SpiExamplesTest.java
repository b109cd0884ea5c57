// SPDX-License-Identifier: Apache-2.0
package io.traio.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.spi.CancelReason;
import io.traio.spi.CancellationSignal;
import io.traio.spi.ContextPropagator;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code of docs/reference/spi.md. */
@Timeout(60)
class SpiExamplesTest {

    private static final Queue<String> LOG = new ConcurrentLinkedQueue<>();

    static final class SlowScopes implements ScopeListener {

        @Override
        public void scopeClosed(Scope scope, ScopeOutcome outcome) {
            if (outcome.kind() != ScopeOutcome.Kind.SUCCESS) {
                LOG.add(scope.name() + ": " + outcome.kind());
            }
        }

        @Override
        public void scopeCancelled(Scope scope, CancelReason reason, @Nullable Throwable cause) {
            LOG.add(scope.name() + " was cancelled: " + reason);
        }

        @Override
        public void taskStraggling(Task<?> task) {
            LOG.add(task.name() + " ignores its interrupt");
        }
    }

    @Test
    void listener_isNotified() {
        LOG.clear();
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withListener(new SlowScopes()))) {
            scopes.run("import", Scope::cancel);
        }
        assertThat(LOG).containsExactly("import was cancelled: EXPLICIT", "import: CANCELLED");
    }

    private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

    static final class TenantPropagator implements ContextPropagator {

        @Override
        public @Nullable Snapshot capture() {
            String captured = TENANT.get();
            if (captured == null) {
                return null;
            }
            return () -> {
                String before = TENANT.get();
                TENANT.set(captured);
                return () -> TENANT.set(before);
            };
        }
    }

    @Test
    void propagator_carriesTheTenant() {
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withPropagator(new TenantPropagator()))) {
            TENANT.set("acme");
            assertThat(scopes.<String>call("report", scope -> scope.await("tenant", TENANT::get)))
                    .isEqualTo("acme");
        } finally {
            TENANT.remove();
        }
    }

    static final class QueryCancelledException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void cancellationSignal_isNoFailure() {
        CancellationSignal signal = thrown -> thrown instanceof QueryCancelledException;
        try (ScopeFactory scopes = ScopeFactory.create(f -> f.withCancellationSignal(signal))) {
            assertThatCode(() -> scopes.run("report", scope -> {
                        CountDownLatch started = new CountDownLatch(1);
                        scope.spawn("query", () -> {
                            try {
                                started.countDown();
                                Thread.sleep(60_000);
                            } catch (InterruptedException e) {
                                throw new QueryCancelledException();
                            }
                        });
                        started.await();
                        scope.cancel();
                    }))
                    .doesNotThrowAnyException();
        }
    }
}
