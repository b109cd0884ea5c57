// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.traio.ScopeCancelledException;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls of a client that is in a scope. */
class GrpcClientCallTest {

    private static Server server;
    private static Server client;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() {
        server = new Server();
        client = new Server();
        channel = client.channelTo(server);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @AfterEach
    void reset() {
        server.reset();
        client.reset();
    }

    /** Answers with the seconds that the call has. */
    private static void answerWithDeadline() {
        server.handler = (request, answer) -> {
            var deadline = Context.current().getDeadline();
            Rpc.answer(answer, deadline != null ? "" + deadline.timeRemaining(TimeUnit.SECONDS) : "none");
        };
    }

    /** Never answers. Returns what is complete when the call begins, and when it is cancelled. */
    private static Hanging hang() {
        Hanging hanging = new Hanging(new CountDownLatch(1), new CountDownLatch(1));
        server.handler = (request, answer) -> {
            Context.current().addListener(cancelled -> hanging.cancelled().countDown(), Runnable::run);
            hanging.begun().countDown();
        };
        return hanging;
    }

    private record Hanging(CountDownLatch begun, CountDownLatch cancelled) {}

    private static CallOptions within(Duration deadline) {
        return CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
    }

    // ---- deadlines ----

    @Test
    void call_outsideOfScopes_hasNoDeadline() {
        answerWithDeadline();
        assertThat(Rpc.find(channel, "a")).isEqualTo("none");
    }

    @Test
    void call_inAScopeWithATimeout_hasWhatRemains() {
        answerWithDeadline();
        String left = client.factory().call("s", s -> s.withTimeout(ofSeconds(40)), scope -> Rpc.find(channel, "a"));
        assertThat(left).isEqualTo("39");
    }

    @Test
    void call_inATask_hasWhatRemains() {
        answerWithDeadline();
        String left = client.factory()
                .call("s", s -> s.withTimeout(ofSeconds(40)), scope -> scope.await(() -> Rpc.find(channel, "a")));
        assertThat(left).isEqualTo("39");
    }

    @Test
    void call_withAnEarlierDeadline_keepsIt() {
        answerWithDeadline();
        String left = client.factory()
                .call("s", s -> s.withTimeout(ofSeconds(40)), scope -> Rpc.find(channel, within(ofSeconds(20)), "a"));
        assertThat(left).isEqualTo("19");
    }

    @Test
    void call_withALaterDeadline_hasWhatRemains() {
        answerWithDeadline();
        String left = client.factory()
                .call("s", s -> s.withTimeout(ofSeconds(40)), scope -> Rpc.find(channel, within(ofSeconds(60)), "a"));
        assertThat(left).isEqualTo("39");
    }

    @Test
    void call_whereTheChannelHasADefault_hasTheEarlierOne() {
        answerWithDeadline();
        try (Server other = new Server("spring.grpc.client.channel.default.default.deadline=20s")) {
            ManagedChannel withDefault = other.channelTo(server);
            String left =
                    other.factory().call("s", s -> s.withTimeout(ofSeconds(40)), scope -> Rpc.find(withDefault, "a"));
            assertThat(left).isEqualTo("19");
        }
    }

    // ---- timeouts ----

    @Test
    void timeout_whileABodyCalls_isThatOfTheScope() {
        Hanging hanging = hang();
        assertThatThrownBy(() ->
                        client.factory().call("s", s -> s.withTimeout(ofMillis(200)), scope -> Rpc.find(channel, "a")))
                .isInstanceOf(ScopeTimeoutException.class)
                .hasNoSuppressedExceptions();
        assertThat(hanging).satisfies(call -> call.cancelled().await());
    }

    /** The alarm of gRPC and that of the scope go off at the same moment. */
    @Test
    void timeouts_whileTasksCall_areNeverFailures() {
        hang();
        for (int i = 0; i < 300; i++) {
            Duration timeout = Duration.ofNanos(3_000_000 + i * 10_000L);
            Throwable thrown = catchThrowable(() -> client.factory().run("s", s -> s.withTimeout(timeout), scope -> {
                scope.spawn("a", () -> Rpc.find(channel, "a"));
                scope.spawn("b", () -> Rpc.find(channel, "b"));
            }));
            assertThat(thrown).isInstanceOf(ScopeTimeoutException.class).hasNoSuppressedExceptions();
        }
    }

    // ---- cancellation ----

    @Test
    void task_thatIsCancelled_cancelsItsCall() throws Exception {
        Hanging hanging = hang();
        client.factory().run("s", scope -> {
            Task<String> task = scope.spawn("call", () -> Rpc.find(channel, "a"));
            hanging.begun().await();
            task.cancel();
            hanging.cancelled().await();
        });
    }

    @Test
    void task_whoseInterruptIsHeld_cancelsItsCall() throws Exception {
        Hanging hanging = hang();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        client.factory().run("s", scope -> {
            Task<Void> task = scope.spawn(
                    "call",
                    () -> {
                        thrown.complete(catchThrowable(() -> Rpc.find(channel, "a")));
                    },
                    t -> t.withInterruptOnCancel(false));
            hanging.begun().await();
            task.cancel();
            assertThat(thrown.get())
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasCauseInstanceOf(ScopeCancelledException.class);
        });
        hanging.cancelled().await();
    }

    @Test
    void stream_ofATaskThatIsCancelled_isCancelled() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        server.handler = (request, answer) -> {
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            answer.onNext("first");
        };
        CountDownLatch first = new CountDownLatch(1);
        client.factory().run("s", scope -> {
            Task<Void> task = scope.spawn("stream", () -> {
                Iterator<String> answers = Rpc.list(channel, "a");
                answers.next();
                first.countDown();
                answers.next();
            });
            first.await();
            task.cancel();
            cancelled.await();
        });
    }

    @Test
    void future_inAScopeThatIsCancelled_isCancelled() throws Exception {
        Hanging hanging = hang();
        client.factory().run("s", scope -> {
            scope.spawn("call", () -> Rpc.findLater(channel, "a").get());
            hanging.begun().await();
            scope.cancel();
        });
        hanging.cancelled().await();
    }

    @Test
    void future_thatATaskLeavesBehind_isCancelledAtTheEndOfTheScope() throws Exception {
        Hanging hanging = hang();
        Future<String> call = client.factory().call("s", scope -> {
            Future<String> left = scope.await("call", () -> Rpc.findLater(channel, "a"));
            hanging.begun().await();
            return left;
        });
        hanging.cancelled().await();
        assertThatThrownBy(call::get).hasRootCauseInstanceOf(ScopeCancelledException.class);
    }

    @Test
    void futures_ofOneTask_allComplete() throws Exception {
        String last = client.factory()
                .call(
                        "s",
                        scope -> scope.await("calls", () -> {
                            for (int i = 0; i < 100; i++) {
                                Rpc.findLater(channel, "" + i).get();
                            }
                            return Rpc.findLater(channel, "last").get();
                        }));
        assertThat(last).isEqualTo("last");
    }

    @Test
    void call_inCancelledCode_isNotBegun() {
        client.factory().run("s", scope -> {
            scope.cancel();
            assertThatThrownBy(() -> Rpc.find(channel, "a")).isInstanceOf(ScopeCancelledException.class);
            Thread.interrupted();
        });
    }

    @Test
    void call_thatFails_isAFailure() {
        server.handler = (request, answer) -> answer.onError(Status.CANCELLED.asRuntimeException());
        assertThatThrownBy(() -> client.factory().run("s", s -> s.withTimeout(ofSeconds(40)), scope -> {
                    scope.spawn("call", () -> Rpc.find(channel, "a"));
                }))
                .isInstanceOf(StatusRuntimeException.class)
                .hasNoCause();
    }

    // ---- on the thread of a request ----

    @Test
    void call_onTheThreadOfACall_isCancelledWithIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        server.handler = (request, answer) -> {
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            begun.countDown();
        };
        // Without the context of gRPC, so that it is not gRPC that cancels.
        client.handler = (request, answer) -> Context.ROOT.call(() -> {
            Rpc.answer(answer, Rpc.find(channel, request));
            return null;
        });
        ManagedChannel outside = GrpcCallScopeTest.plainChannelTo(client);
        Future<String> call = Rpc.findLater(outside, "a");
        begun.await();
        call.cancel(true);
        cancelled.await();
        outside.shutdownNow();
    }
}
