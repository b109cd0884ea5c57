// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.spi.ContextPropagator;
import java.util.concurrent.atomic.AtomicInteger;

/** A resource is released once, whatever the propagators do as its context is set and undone (B4). */
@Spec({"B4", "B5"})
class ReleaseContextTest {

    private static final IllegalStateException BROKEN = new IllegalStateException("propagator");

    private final AtomicInteger released = new AtomicInteger();

    private void assertReleasedAndThrown(Harness harness, ContextPropagator propagator) {
        ScopeFactory scopes = harness.scopes(f -> f.withPropagator(propagator));
        Throwable thrown = catchThrowable(() -> scopes.run("run", scope -> scope.defer(released::incrementAndGet)));
        assertThat(released).hasValue(1);
        assertThat(thrown).isSameAs(BROKEN);

        Throwable ofShared = catchThrowable(() -> {
            try (OpenScope shared = scopes.openShared("shared")) {
                shared.defer(released::incrementAndGet);
                shared.join();
            }
        });
        assertThat(released).hasValue(2);
        assertThat(ofShared).isSameAs(BROKEN);
    }

    @EngineTest
    void context_cannotBeSet_resourceIsReleased(Harness harness) {
        assertReleasedAndThrown(harness, () -> () -> {
            throw BROKEN;
        });
    }

    @EngineTest
    void context_cannotBeUndone_resourceIsReleased(Harness harness) {
        assertReleasedAndThrown(
                harness,
                () -> () -> () -> {
                    throw BROKEN;
                });
    }

    @EngineTest
    void around_throwsBeforeItCalls_resourceIsReleased(Harness harness) {
        assertReleasedAndThrown(harness, () -> (ContextPropagator.Around) work -> {
            throw BROKEN;
        });
    }

    /** What the release throws comes second: the propagator was the first to fail. */
    @EngineTest
    void context_cannotBeSetAndReleaseFails_bothAreThrown(Harness harness) {
        IllegalArgumentException failure = new IllegalArgumentException("release");
        ContextPropagator broken = () -> () -> {
            throw new IllegalStateException("propagator");
        };
        Throwable thrown = catchThrowable(() -> harness.scopes(f -> f.withPropagator(broken))
                .run(
                        "run",
                        scope -> scope.defer(() -> {
                            throw failure;
                        })));

        assertThat(thrown).hasMessage("propagator");
        assertThat(thrown.getSuppressed()).contains(failure);
    }
}
