// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.traio.ScopeFactory;
import io.traio.spi.ContextPropagator.Restorer;
import io.traio.spi.ContextPropagator.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

class MicrometerContextPropagatorTest {

    private final List<String> log = new ArrayList<>();
    private final Local first = new Local("first");
    private final Local second = new Local("second");
    private final Local third = new Local("third");
    private final ContextRegistry registry = new ContextRegistry()
            .registerThreadLocalAccessor(first)
            .registerThreadLocalAccessor(second)
            .registerThreadLocalAccessor(third);
    private final MicrometerContextPropagator propagator =
            new MicrometerContextPropagator(registry, List.of(), List.of());
    private final ExecutorService oneThread = Executors.newSingleThreadExecutor();

    @AfterEach
    void close() {
        oneThread.shutdownNow();
    }

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void excludedKey_ofNoAccessor_isWarnedOfOnce(CapturedOutput output) {
        MicrometerContextPropagator misspelt = new MicrometerContextPropagator(
                registry, List.of(), List.of("frist", first.key().toString()));
        misspelt.capture();
        misspelt.capture();
        assertThat(output.toString().split("traio.propagation.exclude", -1)).hasSize(2);
        assertThat(output).contains("no accessor has: [frist]");
    }

    @Test
    void values_ofTheSpawner_areInTheTask() {
        first.value.set("A");
        second.value.set("B");
        try (ScopeFactory scopes = scopes()) {
            String seen = scopes.call(
                    "work",
                    scope -> scope.spawn(() -> first.getValue() + second.getValue())
                            .join());
            assertThat(seen).isEqualTo("AB");
        } finally {
            first.value.remove();
            second.value.remove();
        }
    }

    @Test
    void newThread_ofATask_isNotLookedAt() {
        first.value.set("A");
        Snapshot snapshot = propagator.capture();
        first.value.set("somebody else's");
        second.value.set("as well");
        try {
            Restorer restorer = snapshot.setOnNewThread();
            assertThat(first.getValue()).isEqualTo("A");
            assertThat(second.getValue()).isEqualTo("as well");
            restorer.restore();
            assertThat(first.getValue()).isNull();
            assertThat(second.getValue()).isEqualTo("as well");
        } finally {
            first.value.remove();
            second.value.remove();
        }
    }

    @Test
    void context_ofASpawnerWithout_isNothingToAllocate() {
        assertThat(propagator.capture()).isNotNull().isSameAs(propagator.capture());
    }

    @Test
    void pooledThread_afterTheTask_hasWhatItHadBefore() throws Exception {
        oneThread.submit(() -> second.value.set("its own")).get();
        first.value.set("A");
        second.value.set("B");
        try (ScopeFactory scopes = scopes()) {
            scopes.run("work", scope -> scope.spawn(() -> {}));
        } finally {
            first.value.remove();
            second.value.remove();
        }
        assertThat(oneThread.submit(first::getValue).get()).isNull();
        assertThat(oneThread.submit(second::getValue).get()).isEqualTo("its own");
    }

    @Test
    void value_thatTheSpawnerHasNot_isClearedInTheTask() throws Exception {
        oneThread.submit(() -> first.value.set("its own")).get();
        try (ScopeFactory scopes = scopes()) {
            assertThat(scopes.<String>call(
                            "work", scope -> scope.spawn(first::getValue).get()))
                    .isNull();
        }
        assertThat(oneThread.submit(first::getValue).get()).isEqualTo("its own");
    }

    @Test
    void set_allWell_setsInOrderAndRestoresInReverse() {
        Restorer restorer = snapshotOfAll().set();
        restorer.restore();
        assertThat(log)
                .containsExactly(
                        "set first", "set second", "set third", "restore third", "restore second", "restore first");
    }

    @Test
    void set_laterAccessorThrows_undoesWhatWasSet() {
        Snapshot snapshot = snapshotOfAll();
        third.failsToSet = true;
        assertThatThrownBy(snapshot::set).hasMessage("set third");
        assertThat(first.getValue()).isNull();
        assertThat(second.getValue()).isNull();
        assertThat(log).containsExactly("set first", "set second", "set third", "restore second", "restore first");
    }

    @Test
    void set_laterAccessorThrowsAndUndoingToo_undoesTheRest() {
        Snapshot snapshot = snapshotOfAll();
        third.failsToSet = true;
        second.failsToRestore = true;
        assertThatThrownBy(snapshot::set)
                .hasMessage("set third")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .extracting(Throwable::getMessage)
                        .containsExactly("restore second"));
        assertThat(first.getValue()).isNull();
    }

    @Test
    void restore_accessorsThrow_restoresTheRest() {
        Restorer restorer = snapshotOfAll().set();
        third.failsToRestore = true;
        second.failsToRestore = true;
        assertThatThrownBy(restorer::restore)
                .hasMessage("restore third")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .extracting(Throwable::getMessage)
                        .containsExactly("restore second"));
        assertThat(first.getValue()).isNull();
    }

    @Test
    void task_accessorThrows_failsWithThatAndThreadIsClean() throws Exception {
        first.value.set("A");
        third.value.set("C");
        third.failsToSet = true;
        try (ScopeFactory scopes = scopes()) {
            assertThatThrownBy(() -> scopes.run("work", scope -> scope.spawn(() -> {})))
                    .hasMessage("set third");
        } finally {
            first.value.remove();
            third.value.remove();
        }
        assertThat(oneThread.submit(first::getValue).get()).isNull();
    }

    @Test
    void accessor_excluded_isLeftOut() {
        MicrometerContextPropagator some = new MicrometerContextPropagator(registry, List.of(), List.of("second"));
        setAll();
        Snapshot snapshot = some.capture();
        clearAll();
        snapshot.set().restore();
        assertThat(log).containsExactly("set first", "set third", "restore third", "restore first");
    }

    @Test
    void accessor_ofTheCurrentScope_isLeftOut() {
        Local scope = new Local(ScopeThreadLocalAccessor.KEY);
        registry.registerThreadLocalAccessor(scope);
        scope.value.set("S");
        Snapshot snapshot = propagator.capture();
        scope.value.remove();
        snapshot.set();
        assertThat(scope.getValue()).isNull();
    }

    @Test
    void others_keyNotRegistered_areUsed() {
        Local other = new Local("other");
        other.value.set("O");
        Snapshot snapshot = new MicrometerContextPropagator(registry, List.of(other), List.of()).capture();
        other.value.remove();
        Restorer restorer = snapshot.set();
        assertThat(other.getValue()).isEqualTo("O");
        restorer.restore();
        assertThat(other.getValue()).isNull();
    }

    @Test
    void others_keyRegistered_areNot() {
        Local other = new Local("first");
        other.value.set("O");
        Snapshot snapshot = new MicrometerContextPropagator(registry, List.of(other), List.of()).capture();
        other.value.remove();
        snapshot.set();
        assertThat(other.getValue()).isNull();
    }

    @Test
    void arguments_null_areRefused() {
        assertThatNullPointerException().isThrownBy(() -> new MicrometerContextPropagator(null, List.of(), List.of()));
        assertThatNullPointerException().isThrownBy(() -> new MicrometerContextPropagator(registry, null, List.of()));
        assertThatNullPointerException().isThrownBy(() -> new MicrometerContextPropagator(registry, List.of(), null));
    }

    private ScopeFactory scopes() {
        return ScopeFactory.create(
                o -> o.withPropagator(propagator).withExecutor(oneThread).withCompensation(false));
    }

    private Snapshot snapshotOfAll() {
        setAll();
        Snapshot snapshot = propagator.capture();
        clearAll();
        return snapshot;
    }

    private void setAll() {
        List.of(first, second, third).forEach(local -> local.value.set(local.name));
    }

    private void clearAll() {
        List.of(first, second, third).forEach(local -> local.value.remove());
    }

    private final class Local implements ThreadLocalAccessor<String> {

        final String name;
        final ThreadLocal<String> value = new ThreadLocal<>();
        volatile boolean failsToSet;
        volatile boolean failsToRestore;

        Local(String name) {
            this.name = name;
        }

        @Override
        public Object key() {
            return name;
        }

        @Override
        public String getValue() {
            return value.get();
        }

        @Override
        public void setValue(String next) {
            log.add("set " + name);
            if (failsToSet) {
                throw new IllegalStateException("set " + name);
            }
            value.set(next);
        }

        @Override
        public void setValue() {
            value.remove();
        }

        @Override
        public void restore(String previous) {
            log.add("restore " + name);
            value.set(previous);
        }

        @Override
        public void restore() {
            log.add("restore " + name);
            if (failsToRestore) {
                throw new IllegalStateException("restore " + name);
            }
            value.remove();
        }
    }
}
