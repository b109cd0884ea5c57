// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import io.traio.EngineTest.Threads;
import io.traio.OwnerThread.Left;
import io.traio.spi.ScopeListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.Pipe;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** Code leaves because of a cancellation: whatever coat the interrupt has on, that is no failure. */
@Spec({"S6", "T7"})
class CoatsOfAnInterruptTest {

    @TempDir
    private Path directory;

    private final LogCapture log = new LogCapture();
    private final List<Throwable> ended = Collections.synchronizedList(new ArrayList<>());

    private ScopeFactory observed(Harness harness) {
        return harness.scopes(f -> f.withLogger(log.logger()).withListener(new ScopeListener() {
            @Override
            public void taskEnded(Task<?> task, @Nullable Throwable failure, long runNanos) {
                if (failure != null) {
                    ended.add(failure);
                }
            }
        }));
    }

    /** Code that blocks until it is interrupted. */
    @FunctionalInterface
    private interface Blocked {
        void run(CountDownLatch blocked) throws Exception;
    }

    private void assertNoFailure(@Nullable Throwable thrown, String what) {
        assertThat(thrown).as("thrown, %s", what).isNull();
        assertThat(ended).as("listeners were notified of a failure, %s", what).isEmpty();
        assertThat(log.thrown(Level.WARN)).as("warnings, %s", what).isEmpty();
        assertThat(log.thrown(Level.ERROR)).as("errors, %s", what).isEmpty();
    }

    /** A task, its scope, and the scope around that are cancelled; the body of a scope is. */
    private void assertCancelled(Harness harness, String what, Blocked code) {
        ScopeFactory scopes = observed(harness);
        for (boolean alone : new boolean[] {true, false}) {
            Throwable thrown = catchThrowable(() -> scopes.run("scope", scope -> {
                Task<?> task = spawnBlocked(scope, code);
                if (alone) {
                    task.cancel();
                    Blocking.until("the task has ended", task::isDone);
                    assertThat(task.status()).isEqualTo(Task.Status.CANCELLED);
                } else {
                    scope.cancel();
                }
            }));
            assertNoFailure(thrown, what + (alone ? ", task cancelled" : ", scope cancelled"));
        }
        Throwable thrown = catchThrowable(() -> scopes.run("outer", outer -> {
            Throwable ofInner = catchThrowable(() -> scopes.run("inner", inner -> {
                spawnBlocked(inner, code);
                outer.cancel();
            }));
            assertThat(ofInner).isInstanceOf(ScopeCancelledException.class);
            assertThat(ofInner.getSuppressed()).isEmpty();
        }));
        assertNoFailure(thrown, what + ", outer scope cancelled");
    }

    private static Task<?> spawnBlocked(Scope scope, Blocked code) throws InterruptedException {
        CountDownLatch blocked = new CountDownLatch(1);
        Thread[] thread = new Thread[1];
        Task<?> task = scope.spawn("blocked", () -> {
            thread[0] = Thread.currentThread();
            code.run(blocked);
            return null;
        });
        Blocking.await(blocked);
        Blocking.untilParked(thread[0]);
        return task;
    }

    private void assertBodyCancelled(Harness harness, OwnerThread owner, String what, Blocked code) {
        ScopeFactory scopes = observed(harness);
        for (Way way : new Way[] {Way.RUN, Way.CALL}) {
            Left left = owner.run(() -> way.in(scopes, "scope", scope -> {
                Thread thread = Thread.currentThread();
                CountDownLatch blocked = new CountDownLatch(1);
                harness.helper(() -> {
                    Blocking.await(blocked);
                    Blocking.untilParked(thread);
                    scope.cancel();
                });
                code.run(blocked);
            }));
            assertThat(left.interrupted()).as("flag, %s", what).isFalse();
            if (way == Way.CALL) {
                assertThat(left.thrown()).as(what).isInstanceOf(ScopeCancelledException.class);
                assertThat(left.thrown().getSuppressed()).as(what).isEmpty();
            }
            assertNoFailure(way == Way.CALL ? null : left.thrown(), what);
        }
    }

    // ---- what the JDK throws ----

    private static void read(CountDownLatch blocked) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket accepted = server.accept()) {
            blocked.countDown();
            client.getInputStream().read();
        }
    }

    private static void accept(CountDownLatch blocked) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            blocked.countDown();
            server.accept().close();
        }
    }

    /** Connects to a server that does not accept, until one of the connections has to wait. */
    private static void connect(CountDownLatch blocked) throws IOException {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            blocked.countDown();
            for (int i = 0; i < 16; i++) {
                waiting.add(new Socket(server.getInetAddress(), server.getLocalPort()));
            }
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    private static final Map<String, Blocked> SOCKETS = Map.of(
            "read", CoatsOfAnInterruptTest::read,
            "accept", CoatsOfAnInterruptTest::accept,
            "connect", CoatsOfAnInterruptTest::connect);

    /** Blocking calls of sockets react to interrupts on virtual threads only. */
    @EngineTest(on = Threads.DEFAULT)
    void socket_onAVirtualThread_isCancelled(Harness harness) {
        assumeTrue(OwnerThread.hasVirtual());
        SOCKETS.forEach((what, code) -> assertCancelled(harness, what, code));
    }

    @EngineTest(on = Threads.DEFAULT)
    void socket_inABodyOnAVirtualThread_isCancelled(Harness harness) {
        assumeTrue(OwnerThread.hasVirtual());
        SOCKETS.forEach((what, code) -> assertBodyCancelled(harness, OwnerThread.VIRTUAL, what, code));
    }

    @EngineTest(on = Threads.DEFAULT)
    void socketOnAVirtualThread_inAnyWrapper_isCancelled(Harness harness) {
        assumeTrue(OwnerThread.hasVirtual());
        wrappers()
                .forEach((wrapper, wrap) -> assertCancelled(harness, wrapper, blocked -> {
                    try {
                        read(blocked);
                    } catch (SocketException e) {
                        throw wrap.apply(e);
                    }
                }));
    }

    private void lock(CountDownLatch blocked) throws IOException {
        try (FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            blocked.countDown();
            channel.lock();
        }
    }

    @EngineTest
    void fileLock_isCancelled(Harness harness) {
        assertCancelled(harness, "lock", interruptedBefore(this::lock));
    }

    @EngineTest
    void fileLock_inABody_isCancelled(Harness harness) {
        for (OwnerThread owner : OwnerThread.all()) {
            assertBodyCancelled(harness, owner, "lock on " + owner, interruptedBefore(this::lock));
        }
    }

    @EngineTest
    void fileLock_inAnyWrapper_isCancelled(Harness harness) {
        wrappers()
                .forEach((wrapper, wrap) -> assertCancelled(harness, wrapper, interruptedBefore(blocked -> {
                    try {
                        lock(blocked);
                    } catch (FileLockInterruptionException e) {
                        throw wrap.apply(e);
                    }
                })));
    }

    /** Is interrupted first and then comes to the code: a platform thread in a native call is not seen to block. */
    private static Blocked interruptedBefore(Blocked code) {
        return blocked -> {
            try {
                blocked.countDown();
                Blocking.forever();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                code.run(blocked);
            }
        };
    }

    @EngineTest
    void channel_isCancelled(Harness harness) {
        assertCancelled(harness, "pipe", interruptedBefore(blocked -> {
            Pipe pipe = Pipe.open();
            try (Pipe.SourceChannel source = pipe.source();
                    Pipe.SinkChannel sink = pipe.sink()) {
                blocked.countDown();
                source.read(ByteBuffer.allocate(1));
            }
        }));
    }

    // ---- look-alikes, on all threads ----

    private static SocketException closedByInterrupt() {
        return new SocketException("Closed by interrupt");
    }

    /** What libraries make of it. */
    private static Map<String, Function<Exception, Exception>> wrappers() {
        Map<String, Function<Exception, Exception>> wrappers = new LinkedHashMap<>();
        wrappers.put("as it is", e -> e);
        wrappers.put("runtime exception", e -> new IllegalStateException("I/O error on GET request", e));
        wrappers.put("I/O exception", e -> new IOException("closed", e));
        wrappers.put("unchecked I/O exception", e -> new UncheckedIOException(new IOException("closed", e)));
        wrappers.put("SQL exception", e -> new SQLException("An I/O error occurred while sending to the backend.", e));
        wrappers.put("execution", ExecutionException::new);
        wrappers.put("completion", CompletionException::new);
        wrappers.put("two deep", e -> new IllegalStateException(new SQLException("The connection attempt failed.", e)));
        return wrappers;
    }

    private static Map<String, Exception> coats() {
        Map<String, Exception> coats = new LinkedHashMap<>();
        coats.put("socket", closedByInterrupt());
        coats.put("lock", new FileLockInterruptionException());
        coats.put("channel", new ClosedByInterruptException());
        coats.put("stream", new InterruptedIOException());
        coats.put("interruption", new InterruptedException());
        return coats;
    }

    @EngineTest
    void anyCoatInAnyWrapper_isCancelled(Harness harness) {
        coats().forEach((coat, bare) -> wrappers()
                .forEach((wrapper, wrap) -> assertCancelled(harness, coat + " in " + wrapper, blocked -> {
                    try {
                        blocked.countDown();
                        Blocking.forever();
                    } catch (InterruptedException e) {
                        throw wrap.apply(bare);
                    }
                })));
    }

    @EngineTest
    void anyCoatInAnyWrapper_inABody_isCancelled(Harness harness) {
        for (OwnerThread owner : OwnerThread.all()) {
            coats().forEach((coat, bare) -> wrappers()
                    .forEach((wrapper, wrap) ->
                            assertBodyCancelled(harness, owner, coat + " in " + wrapper + " on " + owner, blocked -> {
                                try {
                                    blocked.countDown();
                                    Blocking.forever();
                                } catch (InterruptedException e) {
                                    throw wrap.apply(bare);
                                }
                            })));
        }
    }

    /** A timeout cancels, too: what is thrown is the timeout, and nothing hangs on it. */
    @EngineTest
    void anyCoat_inAScopeThatTimesOut_isNotSuppressed(Harness harness) {
        ScopeFactory scopes = observed(harness);
        coats().forEach((coat, bare) -> {
            Throwable thrown = catchThrowable(() -> scopes.run(
                    "scope",
                    s -> s.withTimeout(Duration.ofMillis(20)),
                    scope -> scope.spawn("blocked", () -> {
                        try {
                            return Blocking.forever();
                        } catch (InterruptedException e) {
                            throw bare;
                        }
                    })));
            assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
            assertThat(FailureGraph.holds(thrown, bare))
                    .as("%s hangs on %s", coat, thrown)
                    .isFalse();
            assertNoFailure(null, coat);
        });
    }
}
