// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeInterruptedException;
import io.traio.ScopeTimeoutException;
import io.traio.spring.boot.internal.HandlerScope;
import io.traio.spring.boot.request.RequestScopeFactory.Limit;
import io.traio.test.TestClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestScopeFactoryTest {

    private final TestClock clock = new TestClock();
    private final ScopeFactory factory = ScopeFactory.create(f -> f.withTimeSource(clock));

    @AfterEach
    void close() {
        factory.close();
    }

    private RequestScopeFactory<Object> scopes(Duration timeout, Duration... wanted) {
        List<Function<Object, Duration>> resolvers = Arrays.stream(wanted)
                .<Function<Object, Duration>>map(duration -> request -> duration)
                .toList();
        return new RequestScopeFactory<>(factory, timeout, /* joinsAtEnd= */ true, resolvers, clock);
    }

    private Limit limit(long seconds) {
        return new Limit(Duration.ofSeconds(seconds), clock.nanoTime());
    }

    @Test
    void scope_noTimeout_hasNoDeadline() {
        assertThat(scopes(null).prepare(null).get().remaining()).isEmpty();
    }

    @Test
    void timeout_countsFromTheRequest_notFromTheOpening() {
        HandlerScope scope = scopes(Duration.ofSeconds(10)).prepare(null);
        clock.advance(Duration.ofSeconds(3));
        assertThat(scope.get().remaining()).hasValue(Duration.ofSeconds(7));
    }

    @Test
    void scope_openedWhenTheTimeIsOver_timesOut() {
        HandlerScope scope = scopes(Duration.ofSeconds(10)).prepare(null);
        clock.advance(Duration.ofSeconds(11));
        scope.get();
        clock.advance(Duration.ofMillis(1));
        assertThat(scope.join()).isInstanceOf(ScopeTimeoutException.class);
    }

    @Test
    void timeout_wantedShorter_isThat() {
        Scope scope = scopes(Duration.ofSeconds(10)).prepare(limit(2)).get();
        assertThat(scope.remaining()).hasValue(Duration.ofSeconds(2));
    }

    @Test
    void timeout_wantedLonger_isOurs() {
        Scope scope = scopes(Duration.ofSeconds(10)).prepare(limit(7200)).get();
        assertThat(scope.remaining()).hasValue(Duration.ofSeconds(10));
    }

    @Test
    void limit_nextScopeOfTheRequest_hasWhatIsLeft() {
        RequestScopeFactory<Object> scopes = scopes(Duration.ofSeconds(10));
        Limit limit = limit(12);
        assertThat(scopes.prepare(limit).get().remaining()).hasValue(Duration.ofSeconds(10));
        clock.advance(Duration.ofSeconds(3));
        HandlerScope next = scopes.prepare(limit);
        clock.advance(Duration.ofSeconds(1));
        assertThat(next.get().remaining()).hasValue(Duration.ofSeconds(8));
    }

    @Test
    void limitOf_severalResolvers_isTheShortest() {
        RequestScopeFactory<Object> scopes =
                scopes(null, Duration.ofSeconds(3), null, Duration.ofSeconds(2), Duration.ofSeconds(4));
        assertThat(scopes.limitOf("request")).isEqualTo(limit(2));
    }

    @Test
    void scope_withinAnother_isARoot() {
        factory.run("around", around -> {
            HandlerScope scope = scopes(null).prepare(null);
            assertThat(scope.get().parent()).isEmpty();
            assertThat(scope.join()).isNull();
        });
    }

    @Test
    void scope_firstUsedAfterItsEnd_isCancelled() {
        HandlerScope scope = scopes(null).prepare(null);
        assertThat(scope.join()).isNull();
        assertThat(scope.get().state()).isEqualTo(Scope.State.CLOSED);
        assertThat(scope.get().isCancelled()).isTrue();
    }

    @Test
    void join_twice_endsOnce() {
        HandlerScope scope = scopes(null).prepare(null);
        IllegalArgumentException failure = new IllegalArgumentException();
        scope.get().cancel(failure);
        assertThat(scope.join()).isSameAs(failure);
        assertThat(scope.join()).isNull();
    }

    @Test
    void join_threadInterrupted_cancelsAndKeepsTheInterrupt() {
        HandlerScope scope = scopes(null).prepare(null);
        scope.get().spawn("slow", () -> {
            new CountDownLatch(1).await();
            return null;
        });
        Thread.currentThread().interrupt();
        Throwable outcome = scope.join();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome).isInstanceOf(ScopeInterruptedException.class);
        assertThat(scope.opened()).extracting(OpenScope::state).isEqualTo(Scope.State.CLOSED);
    }

    @Test
    void fail_scopeFailedBefore_isTheFirstFailure() {
        HandlerScope scope = scopes(null).prepare(null);
        IllegalArgumentException first = new IllegalArgumentException("first");
        IllegalStateException second = new IllegalStateException("second");
        scope.get().cancel(first);
        assertThat(scope.fail(second)).isSameAs(first);
        assertThat(first.getSuppressed()).contains(second);
    }

    @Test
    void fail_checkedException_isNotWrapped() {
        HandlerScope scope = scopes(null).prepare(null);
        scope.get();
        Exception failure = new Exception("checked");
        assertThat(scope.fail(failure)).isSameAs(failure);
    }
}
