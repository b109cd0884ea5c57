// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeCancelledException;
import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.spi.CancelReason;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.exception.GrpcExceptionHandler;

/** The scope of a call, on a real server. The clients know nothing of scopes, unless a test says so. */
class GrpcCallScopeTest {

    private static Server server;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() {
        server = new Server(new Class<?>[] {Handlers.class});
        channel = plainChannelTo(server);
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        server.close();
    }

    @AfterEach
    void reset() {
        server.reset();
    }

    static ManagedChannel plainChannelTo(Server server) {
        return ManagedChannelBuilder.forAddress("localhost", server.port())
                .usePlaintext()
                .build();
    }

    private static CallOptions within(Duration deadline) {
        return CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static Status statusOf(Channel channel, CallOptions options) {
        return catchThrowableOfType(StatusRuntimeException.class, () -> Rpc.find(channel, options, "a"))
                .getStatus();
    }

    private static Task<?> spawnBlocked(Scope scope, CountDownLatch running, CompletableFuture<Throwable> end) {
        return scope.spawn("blocked", () -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                end.complete(e);
                throw e;
            }
        });
    }

    private static final class Broken extends RuntimeException {}

    private static final class Unknown extends RuntimeException {}

    @Configuration(proxyBeanMethods = false)
    static class Handlers {

        @Bean
        GrpcExceptionHandler brokenHandler() {
            return new GrpcExceptionHandler() {
                @Override
                public @Nullable StatusException handleException(Throwable exception) {
                    return exception instanceof Broken ? Status.DATA_LOSS.asException() : null;
                }
            };
        }
    }

    // ---- open ----

    @Test
    void call_thatUsesNoScope_opensNone() {
        BlockingQueue<Optional<Scope>> open = new LinkedBlockingQueue<>();
        server.handler = (request, answer) -> {
            open.add(Scope.peek());
            Rpc.answer(answer, request);
        };
        assertThat(Rpc.find(channel, "a")).isEqualTo("a");
        assertThat(open).containsExactly(Optional.empty());
    }

    @Test
    void scope_ofACall_hasItsDeadline() throws Exception {
        server.handler = (request, answer) -> {
            Scope scope = Scope.requireCurrent();
            Rpc.answer(
                    answer, scope.name() + " " + scope.remaining().orElseThrow().toSeconds());
        };
        assertThat(Rpc.find(channel, within(Duration.ofSeconds(40)), "a")).isEqualTo("grpc.call 39");
        assertThat(server.outcomeOfCall().failure()).isNull();
    }

    @Test
    void scope_ofACallWithoutADeadline_hasNone() {
        server.handler = (request, answer) ->
                Rpc.answer(answer, "" + Scope.requireCurrent().remaining().isPresent());
        assertThat(Rpc.find(channel, "a")).isEqualTo("false");
    }

    // ---- the end ----

    @Test
    void call_withTasksLeft_isCompleteWhenTheyHaveEnded() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch answered = new CountDownLatch(1);
        server.handler = (request, answer) -> {
            Scope.requireCurrent().spawn("left", () -> release.await());
            Rpc.answer(answer, request);
            answered.countDown();
        };
        Future<String> call = Rpc.findLater(channel, "a");
        answered.await();
        assertThat(call).isNotDone();
        release.countDown();
        assertThat(call.get()).isEqualTo("a");
    }

    @Test
    void call_answeredByATask_isComplete() throws Exception {
        server.handler =
                (request, answer) -> Scope.requireCurrent().spawn("answer", () -> Rpc.answer(answer, "by a task"));
        assertThat(Rpc.find(channel, "a")).isEqualTo("by a task");
        assertThat(server.outcomeOfCall().failure()).isNull();
    }

    @Test
    void call_answeredInANestedScope_isComplete() {
        server.handler = (request, answer) -> {
            Scope.requireCurrent();
            server.factory().run("nested", scope -> Rpc.answer(answer, request));
        };
        assertThat(Rpc.find(channel, "a")).isEqualTo("a");
    }

    @Test
    void call_whoseTaskFails_isNotOk() {
        server.handler = (request, answer) -> {
            Scope.requireCurrent().spawn("failing", () -> {
                throw new Unknown();
            });
            Rpc.answer(answer, request);
        };
        assertThat(statusOf(channel, CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.UNKNOWN);
    }

    @Test
    void call_whoseTaskFails_hasTheStatusOfTheApplicationsHandler() {
        server.handler = (request, answer) -> {
            Scope.requireCurrent().spawn("failing", () -> {
                throw new Broken();
            });
            Rpc.answer(answer, request);
        };
        assertThat(statusOf(channel, CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.DATA_LOSS);
    }

    @Test
    void call_whoseHandlerThrows_cancelsItsTasksFirst() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        server.handler = (request, answer) -> {
            spawnBlocked(Scope.requireCurrent(), running, end);
            running.await();
            throw new Broken();
        };
        assertThat(statusOf(channel, CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.DATA_LOSS);
        assertThat(end).isCompleted();
    }

    @Test
    void call_withAnErrorForAnAnswer_cancelsItsTasks() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        server.handler = (request, answer) -> {
            spawnBlocked(Scope.requireCurrent(), running, end);
            running.await();
            answer.onError(Status.NOT_FOUND.asRuntimeException());
        };
        assertThat(statusOf(channel, CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(end).isCompleted();
    }

    @Test
    void call_whoseHandlerThrowsSinceATaskFailed_hasTheStatusOfTheTask() {
        server.handler = (request, answer) -> {
            Task<?> failing = Scope.requireCurrent().spawn("failing", () -> {
                throw new Broken();
            });
            failing.join();
        };
        assertThat(statusOf(channel, CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.DATA_LOSS);
    }

    @Test
    void call_whoseScopeTimesOut_exceedsItsDeadline() throws Exception {
        server.handler = (request, answer) -> {
            Scope.requireCurrent().setTimeout(Duration.ofMillis(50));
            Scope.requireCurrent().await("slow", () -> new CountDownLatch(1).await());
        };
        assertThat(statusOf(channel, CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(server.outcomeOfCall().reason()).isEqualTo(CancelReason.TIMEOUT);
    }

    // ---- cancellation ----

    @Test
    void deadline_thatPasses_endsTheScope() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        server.handler = (request, answer) -> spawnBlocked(Scope.requireCurrent(), running, end);
        assertThat(statusOf(channel, within(Duration.ofMillis(300))).getCode())
                .isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        running.await();
        assertThat(end.get()).isInstanceOf(InterruptedException.class);
        // That, or the client has been faster, whose time is up as well.
        assertThat(server.outcomeOfCall().reason()).isIn(CancelReason.TIMEOUT, CancelReason.EXPLICIT);
    }

    @Test
    void client_thatCancels_cancelsTheScope() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        server.handler = (request, answer) -> spawnBlocked(Scope.requireCurrent(), running, end);
        Future<String> call = Rpc.findLater(channel, "a");
        running.await();
        call.cancel(true);
        assertThat(end.get()).isInstanceOf(InterruptedException.class);
        assertThat(server.outcomeOfCall().reason()).isEqualTo(CancelReason.EXPLICIT);
    }

    @Test
    void client_thatCancels_reachesAHandlerThatWaits() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        server.handler = (request, answer) -> {
            Task<?> blocked = spawnBlocked(Scope.requireCurrent(), running, end);
            try {
                blocked.join();
            } catch (RuntimeException e) {
                thrown.complete(e);
                throw e;
            }
        };
        Future<String> call = Rpc.findLater(channel, "a");
        running.await();
        call.cancel(true);
        assertThat(thrown.get())
                .isInstanceOf(ScopeCancelledException.class)
                .hasMessageContaining("the client has cancelled the call or is gone");
    }

    @Test
    void client_thatHangsUp_cancelsTheScope() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        server.handler = (request, answer) -> spawnBlocked(Scope.requireCurrent(), running, end);
        ManagedChannel other = plainChannelTo(server);
        Future<String> call = Rpc.findLater(other, "a");
        running.await();
        other.shutdownNow();
        assertThat(end.get()).isInstanceOf(InterruptedException.class);
        assertThatThrownBy(call::get).hasCauseInstanceOf(StatusRuntimeException.class);
    }

    @Test
    void client_thatCancelsAStream_cancelsTheScope() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        server.handler = (request, answer) -> {
            answer.onNext("first");
            spawnBlocked(Scope.requireCurrent(), running, end);
        };
        Context.CancellableContext caller = Context.current().withCancellation();
        Iterator<String> answers = caller.call(() -> Rpc.list(channel, "a"));
        assertThat(answers.next()).isEqualTo("first");
        running.await();
        caller.cancel(null);
        assertThat(end.get()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void stream_ofATask_comesWhole() {
        server.handler = (request, answer) -> Scope.requireCurrent().spawn("stream", () -> {
            for (int i = 0; i < 100; i++) {
                answer.onNext("" + i);
            }
            answer.onCompleted();
        });
        assertThat(Rpc.list(channel, "a")).toIterable().hasSize(100);
    }

    // ---- context ----

    @Test
    void context_ofACall_travelsIntoItsTasks() {
        Context.Key<String> user = Context.key("user");
        server.handler =
                (request, answer) -> Context.current().withValue(user, "ada").call(() -> {
                    String seen = Scope.requireCurrent()
                            .await(
                                    "task",
                                    () -> user.get() + " " + (Context.current().getDeadline() != null));
                    Rpc.answer(answer, seen);
                    return null;
                });
        assertThat(Rpc.find(channel, within(Duration.ofSeconds(40)), "a")).isEqualTo("ada true");
    }

    @Test
    void context_ofATaskThatOutlivesTheCall_isNotCancelledWithIt() throws Exception {
        ScopeFactory factory = server.factory();
        CountDownLatch over = new CountDownLatch(1);
        Context.Key<String> user = Context.key("user");
        try (OpenScope background = factory.openShared("background", s -> s.withDetached(true))) {
            CompletableFuture<Task<String>> task = new CompletableFuture<>();
            server.handler = (request, answer) -> Context.current()
                    .withValue(user, "ada")
                    .call(() -> {
                        task.complete(background.spawn("later", () -> {
                            over.await();
                            return user.get() + " " + Context.current().isCancelled();
                        }));
                        Rpc.answer(answer, request);
                        return null;
                    });
            Rpc.find(channel, "a");
            over.countDown();
            assertThat(task.get().join()).isEqualTo("ada false");
        }
    }

    // ---- properties ----

    @Test
    void timeout_ofTheApplication_limitsTheScope() {
        try (Server limited = new Server("traio.grpc.timeout=50ms")) {
            ManagedChannel other = plainChannelTo(limited);
            limited.handler =
                    (request, answer) -> Scope.requireCurrent().await("slow", () -> new CountDownLatch(1).await());
            assertThat(statusOf(other, CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            other.shutdownNow();
        }
    }

    @Test
    void tasksLeft_withAtEndCancel_areCancelled() throws Exception {
        try (Server cancelling = new Server("traio.grpc.at-end=cancel")) {
            ManagedChannel other = plainChannelTo(cancelling);
            CountDownLatch running = new CountDownLatch(1);
            CompletableFuture<Throwable> end = new CompletableFuture<>();
            cancelling.handler = (request, answer) -> {
                spawnBlocked(Scope.requireCurrent(), running, end);
                running.await();
                Rpc.answer(answer, request);
            };
            assertThat(Rpc.find(other, "a")).isEqualTo("a");
            assertThat(end).isCompleted();
            other.shutdownNow();
        }
    }

    @Test
    void calls_whereDisabled_haveNoScope() {
        try (Server plain = new Server("traio.grpc.enabled=false")) {
            ManagedChannel other = plainChannelTo(plain);
            plain.handler =
                    (request, answer) -> Rpc.answer(answer, "" + Scope.current().isPresent());
            assertThat(Rpc.find(other, "a")).isEqualTo("false");
            other.shutdownNow();
        }
    }
}
