// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Which overload takes a lambda: {@link Callable} where it has a value, {@link Action} where it has none, whatever either
 * throws. That this file compiles is most of the test; the module for Kotlin has its counterpart.
 */
class SpawnLambdasTest {

    private final AtomicInteger reports = new AtomicInteger();

    private String fetch() throws IOException {
        return "value";
    }

    private String overloaded() {
        return "value";
    }

    private String overloaded(int ignored) {
        return "other";
    }

    private void report() {
        reports.incrementAndGet();
    }

    private void importFile() throws IOException {
        reports.incrementAndGet();
    }

    private void fail() throws IOException {
        throw new IOException("unreachable");
    }

    @EngineTest
    void spawn_lambdaWithValue_givesTheValue(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<String> lambda = scope.spawn("lambda", () -> fetch());
            Task<String> block = scope.spawn("block", () -> {
                return fetch();
            });
            Task<String> reference = scope.spawn("reference", this::fetch);
            Task<String> overloaded = scope.spawn("overloaded", this::overloaded);
            Task<String> withOptions = scope.spawn("options", () -> fetch(), t -> t.withBubble(false));
            Task<String> derivedName = scope.spawn(() -> fetch());
            List<Task<String>> inLambda = Stream.of("a", "b")
                    .map(name -> scope.spawn(name, () -> name))
                    .toList();
            assertThat(List.of(lambda, block, reference, overloaded, withOptions, derivedName))
                    .extracting(Task::join)
                    .containsOnly("value");
            assertThat(inLambda).extracting(Task::join).containsExactly("a", "b");
        });
    }

    @EngineTest
    void spawn_lambdaWithoutValue_isAnAction(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Void> lambda = scope.spawn("lambda", () -> importFile());
            Task<Void> block = scope.spawn("block", () -> {
                importFile();
            });
            Task<Void> reference = scope.spawn("reference", this::report);
            Task<Void> throwing = scope.spawn("throwing", this::importFile);
            Task<Void> withOptions = scope.spawn("options", () -> importFile(), t -> t.withBubble(false));
            Task<Void> referenceWithOptions = scope.spawn("both", this::importFile, t -> t.withBubble(false));
            Task<Void> derivedName = scope.spawn(() -> importFile());
            assertThat(List.of(lambda, block, reference, throwing, withOptions, referenceWithOptions, derivedName))
                    .extracting(Task::join)
                    .containsOnlyNulls();
        });
        assertThat(reports).hasValue(7);
    }

    @EngineTest
    void spawn_blockThatOnlyThrows_failsTheScope(ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeFailedException.class)
                .isThrownBy(() -> scopes.run("run", scope -> {
                    scope.spawn("task", () -> {
                        throw new IOException("unreachable");
                    });
                }))
                .withCauseInstanceOf(IOException.class);
    }

    @EngineTest
    void spawn_actionThatThrows_failsTheScope(ScopeFactory scopes) {
        assertThatExceptionOfType(ScopeFailedException.class)
                .isThrownBy(() -> scopes.run("run", scope -> scope.spawn("task", this::fail)))
                .withCauseInstanceOf(IOException.class);
    }

    @EngineTest
    void spawn_severalOptions_appliesThemInOrder(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<Void> task = scope.spawn(
                    "task",
                    this::report,
                    t -> t.withBubble(false),
                    t -> t.withAwaited(t.bubble()),
                    t -> t.withBubble(true));
            assertThat(task.options().awaited()).isFalse();
            assertThat(task.options().bubble()).isTrue();
        });
    }
}
