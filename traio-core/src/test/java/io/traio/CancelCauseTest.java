// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a cancellation signal says of its cause, and what it is not (S6). */
@Spec("S6")
class CancelCauseTest {

    private final IllegalArgumentException cause = new IllegalArgumentException("why");
    private final AtomicReference<Throwable> signal = new AtomicReference<>();

    private void isSignalWithCause() {
        assertThat(signal.get())
                .isExactlyInstanceOf(ScopeCancelledException.class)
                .hasCause(cause);
    }

    // ---- waits ----

    @EngineTest
    void wait_inBodyOfACancelledScope_hasTheCause(ScopeFactory scopes) {
        for (Wait wait : Wait.values()) {
            try (OpenScope other = scopes.openShared("other")) {
                Task<?> never = other.spawn("never", Blocking::forever);
                Throwable thrown = catchThrowable(() -> scopes.run("run", s -> s.withDetached(true), scope -> {
                    scope.cancel(cause);
                    signal.set(catchThrowable(() -> wait.on(never)));
                }));

                assertThat(thrown).isSameAs(cause);
                isSignalWithCause();
            }
        }
    }

    @EngineTest(pool = 3)
    void wait_inTaskOfACancelledScope_hasTheCause(ScopeFactory scopes) {
        for (Wait wait : Wait.values()) {
            try (OpenScope other = scopes.openShared("other")) {
                Task<?> never = other.spawn("never", Blocking::forever);
                Throwable thrown = catchThrowable(() -> scopes.run("run", s -> s.withDetached(true), scope -> {
                    CountDownLatch started = new CountDownLatch(1);
                    scope.spawn("task", () -> {
                        started.countDown();
                        assertThat(catchThrowable(Briefly::untilInterrupted)).isInstanceOf(InterruptedException.class);
                        signal.set(catchThrowable(() -> wait.on(never)));
                    });
                    Briefly.await(started);
                    scope.cancel(cause);
                }));

                assertThat(thrown).isSameAs(cause);
                isSignalWithCause();
            }
        }
    }

    @EngineTest
    void wait_inScopeBelowACancelledOne_hasTheCause(ScopeFactory scopes) {
        try (OpenScope other = scopes.openShared("other")) {
            Task<?> never = other.spawn("never", Blocking::forever);
            Throwable thrown = catchThrowable(() -> scopes.run(
                    "outer",
                    s -> s.withDetached(true),
                    outer -> scopes.run(
                            "middle",
                            middle -> scopes.run("inner", inner -> {
                                outer.cancel(cause);
                                signal.set(catchThrowable(never::join));
                            }))));

            assertThat(thrown).isSameAs(cause);
            isSignalWithCause();
        }
    }

    @EngineTest
    void wait_scopeIsCancelledByAFailureMeanwhile_hasTheFailureAsCause(ScopeFactory scopes) {
        try (OpenScope other = scopes.openShared("other")) {
            Task<?> never = other.spawn("never", Blocking::forever);
            Throwable thrown = catchThrowable(() -> scopes.run("run", s -> s.withDetached(true), scope -> {
                scope.spawn("failing", () -> {
                    throw cause;
                });
                signal.set(catchThrowable(never::join));
            }));

            assertThat(thrown).isSameAs(cause);
            isSignalWithCause();
        }
    }

    @EngineTest
    void wait_scopeIsCancelledWithoutCause_hasNone(ScopeFactory scopes) {
        try (OpenScope other = scopes.openShared("other")) {
            Task<?> never = other.spawn("never", Blocking::forever);
            scopes.run("run", s -> s.withDetached(true), scope -> {
                scope.cancel();
                signal.set(catchThrowable(never::join));
            });

            assertThat(signal.get())
                    .isExactlyInstanceOf(ScopeCancelledException.class)
                    .hasNoCause();
        }
    }

    // ---- exits of children ----

    @EngineTest
    void exit_ofChildrenOfACancelledParent_haveTheCause(ScopeFactory scopes) {
        AtomicReference<Throwable> ofInner = new AtomicReference<>();
        Throwable thrown = catchThrowable(() -> scopes.run("parent", parent -> {
            Throwable ofChild = catchThrowable(() -> scopes.run("child", child -> {
                ofInner.set(catchThrowable(() -> scopes.run("inner", inner -> {
                    parent.cancel(cause);
                    Briefly.untilInterrupted();
                })));
                throw (RuntimeException) ofInner.get();
            }));
            signal.set(ofChild);
        }));

        assertThat(thrown).isSameAs(cause);
        isSignalWithCause();
        assertThat(ofInner.get())
                .isExactlyInstanceOf(ScopeCancelledException.class)
                .hasCause(cause);
    }

    @EngineTest
    void exit_ofChildInATaskOfAParentThatFailed_hasTheFailureAsCause(ScopeFactory scopes) {
        CountDownLatch started = new CountDownLatch(1);
        Throwable thrown = catchThrowable(() -> scopes.run("parent", parent -> {
            parent.spawn(
                    "opener",
                    () -> signal.set(catchThrowable(() -> scopes.run("child", child -> {
                        started.countDown();
                        Briefly.untilInterrupted();
                    }))));
            Briefly.await(started);
            throw cause;
        }));

        assertThat(thrown).isSameAs(cause);
        isSignalWithCause();
    }

    @EngineTest
    void awaitDone_ofSharedChildOfACancelledParent_hasTheCause(ScopeFactory scopes) {
        OpenScope parent = scopes.openShared("parent");
        OpenScope child = parent.fork().openShared("child");
        child.spawn("never", Blocking::forever);
        parent.cancel(cause);
        signal.set(catchThrowable(child::awaitDone));

        isSignalWithCause();
        assertThat(catchThrowable(parent::awaitDone)).isSameAs(cause);
    }

    @EngineTest
    void join_ofResourceBelowACancelledParent_hasTheCause(ScopeFactory scopes) {
        Throwable thrown = catchThrowable(() -> scopes.run("parent", parent -> {
            try (OpenScope child = scopes.open("child")) {
                child.spawn("never", Blocking::forever);
                parent.cancel(cause);
                signal.set(catchThrowable(child::join));
            }
        }));

        assertThat(thrown).isSameAs(cause);
        isSignalWithCause();
    }

    // ---- no other exception ----

    @Test
    void news_isNoIllegalStateException() {
        assertThat(IllegalStateException.class.isAssignableFrom(ScopeCancelledException.class))
                .isFalse();
    }

    @EngineTest
    void catchOfARefusal_doesNotCatchTheNews(ScopeFactory scopes) {
        try (OpenScope other = scopes.openShared("other")) {
            Task<?> never = other.spawn("never", Blocking::forever);
            scopes.run("run", s -> s.withDetached(true), scope -> {
                scope.cancel();
                try {
                    never.join();
                } catch (IllegalStateException e) {
                    throw new AssertionError("the signal of the cancellation was taken for a misuse", e);
                }
            });
        }
    }

    @EngineTest
    void catchOfTheNews_doesNotCatchARefusal(ScopeFactory scopes) {
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        scopes.run("run", scope -> {
            scope.cancel();
            refusal.set(catchThrowable(() -> scope.spawn("late", () -> 1)));
        });

        assertThat(refusal.get())
                .isInstanceOf(IllegalStateException.class)
                .isNotInstanceOf(ScopeCancelledException.class);
    }
}
