// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import io.traio.EngineTest.Threads;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileLockInterruptionException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The opposite of {@link CoatsOfAnInterruptTest}: a failure that only looks like a cancellation signal is one. */
@Spec({"S6", "T7"})
class OnlyLooksLikeAnInterruptTest {

    private final LogCapture log = new LogCapture();

    private ScopeFactory logging(Harness harness) {
        return harness.scopes(f -> f.withLogger(log.logger()));
    }

    private static List<Exception> coats() {
        return List.of(
                new SocketException("Closed by interrupt"),
                new IllegalStateException(new SocketException("Closed by interrupt")),
                new SQLException("An I/O error occurred.", new SocketException("Closed by interrupt")),
                new FileLockInterruptionException(),
                new ClosedByInterruptException(),
                new InterruptedException("the code's own"),
                new CancellationException("foreign"),
                new ExecutionException(new InterruptedException("another's")));
    }

    private boolean isSeen(@Nullable Throwable thrown, Throwable failure) {
        return FailureGraph.holds(thrown, failure)
                || log.thrown(Level.WARN).stream().anyMatch(logged -> FailureGraph.holds(logged, failure));
    }

    // ---- nobody was cancelled ----

    @EngineTest
    void anyCoat_inAScopeThatIsNotCancelled_isAFailure(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            for (Exception coat : coats()) {
                OwnerThread.Left left = setting.left(
                        "scope",
                        scope -> scope.spawn("task", () -> {
                            throw coat;
                        }));
                assertThat(FailureGraph.holds(left.thrown(), coat))
                        .as("%s hangs on %s", coat, left.thrown())
                        .isTrue();
                assertThat(left.thrown() instanceof ScopeInterruptedException).isFalse();
                assertThat(left.interrupted()).as("flag after %s", coat).isFalse();
            }
        });
    }

    @EngineTest
    void anyCoat_ofATaskThatIsJoined_isItsFailure(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            for (Exception coat : coats()) {
                setting.left("scope", scope -> {
                    Throwable thrown = catchThrowable(() -> scope.await("task", () -> {
                        throw coat;
                    }));
                    assertThat(FailureGraph.holds(thrown, coat))
                            .as("%s hangs on %s", coat, thrown)
                            .isTrue();
                    assertThat(scope.isCancelled()).isFalse();
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                });
            }
        });
    }

    // ---- the scope was cancelled, but not this code ----

    /** The failure came first, the cancellation after that. */
    @EngineTest
    void serverClosesTheSocket_beforeTheScopeIsCancelled_isAFailure(Harness harness) throws Exception {
        Throwable thrown = failAndThenCancel(harness, t -> t, OnlyLooksLikeAnInterruptTest::readFromClosed);
        assertThat(thrown).isInstanceOf(ScopeFailedException.class).hasCauseInstanceOf(IOException.class);
    }

    @EngineTest(on = Threads.DEFAULT)
    void serverClosesTheSocket_inACancelledScope_isSeen(Harness harness) throws Exception {
        AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Throwable thrown = catchThrowable(() -> logging(harness).run("scope", scope -> {
            scope.spawn(
                    "reads",
                    () -> {
                        started.countDown();
                        Blocking.spinUntil("the scope is cancelled", scope::isCancelled);
                        try {
                            return readFromClosed();
                        } catch (IOException e) {
                            failure.set(e);
                            throw e;
                        }
                    },
                    t -> t.withInterruptOnCancel(false));
            Blocking.await(started);
            scope.cancel();
        }));
        assertThat(isSeen(thrown, failure.get())).as("seen: %s", failure).isTrue();
    }

    private static Object readFromClosed() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            server.accept().close();
            if (client.getInputStream().read() < 0) {
                throw new EOFException("the server has closed the connection");
            }
            return client;
        }
    }

    private Throwable failAndThenCancel(Harness harness, UnaryOperator<TaskOptions> options, Callable<?> work) {
        return catchThrowable(() -> logging(harness).run("scope", scope -> {
            Task<?> task = scope.spawn("task", work, options);
            Blocking.spinUntil("it has ended", task::isDone);
            scope.cancel();
        }));
    }

    /** A thread that was not interrupted has not met an interrupt. */
    @EngineTest
    void anyCoat_ofATaskThatIsNotInterrupted_inACancelledScope_isSeen(Harness harness) {
        ScopeFactory scopes = logging(harness);
        for (Exception coat : coats()) {
            CountDownLatch started = new CountDownLatch(1);
            Throwable thrown = catchThrowable(() -> scopes.run("scope", scope -> {
                scope.spawn(
                        "task",
                        () -> {
                            started.countDown();
                            Blocking.spinUntil("the scope is cancelled", scope::isCancelled);
                            throw coat;
                        },
                        t -> t.withInterruptOnCancel(false));
                Blocking.await(started);
                scope.cancel();
            }));
            assertThat(isSeen(thrown, coat))
                    .as("seen: %s, thrown %s", coat, thrown)
                    .isTrue();
        }
    }

    /** Real failures of cleanup in code that was interrupted. */
    @EngineTest
    void realFailure_ofATaskThatWasInterrupted_isSeen(Harness harness) {
        ScopeFactory scopes = logging(harness);
        List<Exception> failures = List.of(
                new SocketException("Connection reset"),
                new SocketException("Socket closed"),
                new IllegalStateException(new SocketException("Broken pipe")),
                new SQLException("unique constraint violated"),
                new IOException("No space left on device"),
                new CancellationException("foreign"));
        for (Exception failure : failures) {
            CountDownLatch started = new CountDownLatch(1);
            Throwable thrown = catchThrowable(() -> scopes.run("scope", scope -> {
                scope.spawn("task", () -> {
                    started.countDown();
                    try {
                        return Blocking.forever();
                    } catch (InterruptedException e) {
                        throw failure;
                    }
                });
                Blocking.await(started);
                scope.cancel();
            }));
            assertThat(isSeen(thrown, failure))
                    .as("seen: %s, thrown %s", failure, thrown)
                    .isTrue();
        }
    }

    @EngineTest
    void socketTimeout_inACancelledScope_isSeen(Harness harness) {
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        Throwable thrown = catchThrowable(() -> logging(harness).run("scope", scope -> {
            CountDownLatch connected = new CountDownLatch(1);
            scope.spawn(
                    "reads",
                    () -> {
                        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                                Socket accepted = server.accept()) {
                            client.setSoTimeout(50);
                            connected.countDown();
                            return client.getInputStream().read();
                        } catch (SocketTimeoutException e) {
                            failure.set(e);
                            throw e;
                        }
                    },
                    t -> t.withInterruptOnCancel(false));
            Blocking.await(connected);
            scope.cancel();
        }));
        assertThat(failure.get()).isNotNull();
        assertThat(isSeen(thrown, failure.get())).as("seen: %s", failure).isTrue();
    }

    // ---- foreign futures ----

    @EngineTest
    void foreignFutureIsCancelled_scopeIsNot_isAFailure(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            CompletableFuture<String> foreign = new CompletableFuture<>();
            foreign.cancel(true);
            OwnerThread.Left left = setting.left("scope", scope -> scope.spawn("task", () -> foreign.get()));
            assertThat(left.thrown()).isInstanceOf(CancellationException.class);
            assertThat(left.thrown() instanceof ScopeCancelledException).isFalse();
        });
    }

    @EngineTest
    void foreignFutureIsCancelled_inABody_isAFailure(Harness harness) throws Exception {
        Setting.each(harness, setting -> {
            CompletableFuture<String> foreign = new CompletableFuture<>();
            foreign.cancel(true);
            OwnerThread.Left left = setting.left("scope", scope -> foreign.get());
            assertThat(left.thrown()).isInstanceOf(CancellationException.class);
            assertThat(left.interrupted()).isFalse();
        });
    }

    /** On a virtual thread that nobody has cancelled, but the user has interrupted. */
    @EngineTest(on = Threads.DEFAULT)
    void socketClosedByTheUsersInterrupt_scopeIsNotCancelled_isAFailure(Harness harness) {
        assumeTrue(OwnerThread.hasVirtual());
        Throwable thrown = catchThrowable(() -> logging(harness).run("scope", scope -> {
            scope.spawn("reads", () -> {
                Thread reader = Thread.currentThread();
                try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                        Socket accepted = server.accept()) {
                    harness.helper(() -> {
                        Blocking.untilParked(reader);
                        reader.interrupt();
                    });
                    return client.getInputStream().read();
                }
            });
        }));
        assertThat(thrown).isInstanceOf(ScopeFailedException.class).hasCauseInstanceOf(SocketException.class);
    }
}
