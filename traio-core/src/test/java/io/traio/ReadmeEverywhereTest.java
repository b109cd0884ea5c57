// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The examples of README, guide and the API documentation work in every {@link Place}, on every kind of thread. */
class ReadmeEverywhereTest {

    private final Queue<String> done = new ConcurrentLinkedQueue<>();

    private boolean work(String name) {
        return done.add(name);
    }

    /** Runs the example in all places, and fails with all in which it failed. */
    private void everywhere(Harness harness, Harness.Piece example) {
        inPlaces(harness, example, Stream.of(Place.values()));
    }

    private void inPlaces(Harness harness, Harness.Piece example, Stream<Place> places) {
        ScopeFactory scopes = harness.scopes();
        // A task that the caller runs has ended before a callback can be put on it.
        Stream<Place> possible = harness.threads() == Threads.CALLER_RUNS
                ? places.filter(place -> place != Place.CALLBACK_OF_TASK)
                : places;
        List<String> failed = possible.flatMap(place -> {
                    try {
                        done.clear();
                        Throwable failure = Aside.run(harness, () -> place.run(scopes, example))
                                .failure();
                        return failure == null ? Stream.empty() : Stream.of(place + ": " + failure);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                })
                .collect(Collectors.toList());
        assertThat(failed).isEmpty();
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void quotes_work(Harness harness, ScopeFactory scopes) {
        everywhere(harness, () -> {
            int cheapest = scopes.call("quotes", s -> s.withTimeout(ofSeconds(20)), scope -> {
                Task<Integer> a = scope.spawn("alpha", () -> 2);
                Task<Integer> b = scope.spawn("beta", () -> 1);
                scope.spawn("progress", () -> work("progress"), t -> t.withAwaited(false));
                return Math.min(a.join(), b.join());
            });
            assertThat(cheapest).isEqualTo(1);
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void profile_failureIsCaught(Harness harness, ScopeFactory scopes) {
        everywhere(
                harness,
                () -> scopes.run("page", scope -> {
                    String profile;
                    try {
                        profile = scope.await("profile", () -> {
                            throw new IllegalArgumentException("unavailable");
                        });
                    } catch (IllegalArgumentException e) {
                        profile = "anonymous";
                    }
                    assertThat(profile).isEqualTo("anonymous");
                    assertThat(scope.isCancelled()).isFalse();
                }));
    }

    /** The same in the scope that is current, as in a method that does not open its own. */
    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void profile_inTheCurrentScope_failureIsCaught(Harness harness) {
        Harness.Piece example = () -> {
            Scope scope = Scope.current().orElseThrow();
            String profile;
            try {
                profile = scope.await("profile", () -> {
                    throw new IOException("unavailable");
                });
            } catch (ScopeFailedException e) {
                profile = "anonymous";
            }
            assertThat(profile).isEqualTo("anonymous");
        };
        inPlaces(harness, example, inAScope());
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void imports_work(Harness harness, ScopeFactory scopes) {
        everywhere(harness, () -> {
            scopes.run("import", scope -> {
                for (String file : List.of("a", "b", "c")) {
                    scope.spawn(file, () -> work(file));
                }
            });
            assertThat(done).containsExactlyInAnyOrder("a", "b", "c");
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void mirror_works(Harness harness, ScopeFactory scopes) {
        everywhere(harness, () -> {
            try (OpenScope scope = scopes.open("mirror")) {
                scope.spawn("europe", () -> work("europe"));
                scope.spawn("asia", () -> work("asia"));
                scope.join();
            }
            assertThat(done).containsExactlyInAnyOrder("europe", "asia");
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void mirror_inAMirror_works(Harness harness, ScopeFactory scopes) {
        everywhere(harness, () -> {
            try (OpenScope scope = scopes.open("mirror")) {
                scope.spawn("europe", () -> {
                    try (OpenScope inner = scopes.open("inner")) {
                        inner.spawn("france", () -> work("france"));
                        inner.join();
                    }
                });
                try (OpenScope inner = scopes.open("inner")) {
                    inner.spawn("asia", () -> work("asia"));
                    inner.join();
                }
                scope.join();
            }
            assertThat(done).containsExactlyInAnyOrder("france", "asia");
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void mirror_taskFails_joinThrowsItsFailureAndCloseNothing(Harness harness, ScopeFactory scopes) {
        everywhere(harness, () -> {
            IllegalArgumentException failure = new IllegalArgumentException("no disk");
            assertThatThrownBy(() -> {
                        try (OpenScope scope = scopes.open("mirror")) {
                            scope.spawn("europe", () -> {
                                throw failure;
                            });
                            scope.join();
                        }
                    })
                    .isSameAs(failure);
            assertThat(failure.getSuppressed()).noneMatch(IllegalStateException.class::isInstance);
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void connections_work(Harness harness, ScopeFactory scopes) {
        everywhere(harness, () -> {
            OpenScope connections = scopes.openShared("connections");
            connections.spawn("client-1", () -> work("client-1"));
            connections.spawn("client-2", () -> work("client-2"));
            connections.complete();
            connections.awaitDone();
            assertThat(done).containsExactlyInAnyOrder("client-1", "client-2");
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void connections_asResource_work(Harness harness, ScopeFactory scopes) {
        everywhere(harness, () -> {
            try (OpenScope connections = scopes.openShared("connections")) {
                connections.spawn("client-1", () -> work("client-1"));
                connections.join();
            }
            assertThat(done).containsExactly("client-1");
        });
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void details_forkOfTheCurrentScope_work(Harness harness) {
        Harness.Piece example = () -> {
            Scope here = Scope.current().orElseThrow();
            here.fork().run("details", s -> s.withMaxConcurrency(4), details -> {
                for (String id : List.of("1", "2", "3", "4", "5", "6")) {
                    details.spawn(id, () -> work(id));
                }
            });
            assertThat(done).hasSize(6);
        };
        inPlaces(harness, example, inAScope());
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void trip_inTheCurrentScope_works(Harness harness) {
        Harness.Piece example = () -> {
            Scope request = Scope.current().orElseThrow();
            Task<String> flight = request.spawn("flight", () -> "flight");
            Task<String> hotel = request.spawn("hotel", () -> "hotel");
            assertThat(flight.join() + hotel.join()).isEqualTo("flighthotel");
        };
        inPlaces(harness, example, inAScope());
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY, Threads.POOL, Threads.ONE, Threads.CALLER_RUNS})
    void cheapest_tasksOfTheCurrentScope_work(Harness harness) {
        Harness.Piece example = () -> {
            Scope scope = Scope.current().orElseThrow();
            List<Task<String>> quotes =
                    Stream.of("b", "a", "c").map(s -> scope.spawn(s, () -> s)).toList();
            assertThat(quotes.stream().map(Task::join).min(String::compareTo)).contains("a");
        };
        inPlaces(harness, example, inAScope());
    }

    /** The places with a current scope that takes tasks. */
    private static Stream<Place> inAScope() {
        return Stream.of(Place.values()).filter(place -> place != Place.OUTSIDE && place != Place.CALLBACK_OF_SCOPE);
    }

    /** In a test, which is no place inside a scope. */
    @EngineTest(on = Threads.DEFAULT)
    void clock_works(Harness harness) {
        Harness.Piece example = () -> {
            TestClock clock = new TestClock();
            ScopeFactory scopes = ScopeFactory.create(f -> f.withTimeSource(clock));
            OpenScope scope = scopes.openShared("quotes", s -> s.withTimeout(ofSeconds(10)));
            clock.advance(ofSeconds(10));
            assertThatThrownBy(scope::awaitDone).isInstanceOf(ScopeTimeoutException.class);
        };
        inPlaces(harness, example, Stream.of(Place.OUTSIDE));
    }
}
