// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.spi.ScopeListener;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.helpers.NOPLogger;

/** Recursion without end, through the engine: the error comes out, and no scope is left that waits for ever. */
@Spec({"T13", "S10"})
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StackOverflowTest {

    /** Such stacks are long. */
    private static final Logger SILENT = NOPLogger.NOP_LOGGER;

    private static final int ROUNDS = 10;
    private static final int MANY_ROUNDS = 200;
    private static final long PATIENCE_MILLIS = 150_000;

    /** A thread whose stack is soon full; round by round it is full at another place. */
    private static Thread small(int round, Runnable command) {
        Thread thread = new Thread(null, command, "small", 256 * 1024 + round % ROUNDS * 8L * 1024);
        thread.setDaemon(true);
        return thread;
    }

    private static void assertOverflows(int round, ScopeFactory scopes, Runnable recursion)
            throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicReference<Boolean> hasCurrent = new AtomicReference<>();
        Thread thread = small(round, () -> {
            thrown.set(catchThrowable(recursion::run));
            hasCurrent.set(Scope.current().isPresent());
        });
        thread.start();
        thread.join(PATIENCE_MILLIS);

        assertThat(thread.isAlive()).as("round %d hangs", round).isFalse();
        assertThat(thrown.get()).isInstanceOf(StackOverflowError.class);
        assertThat(hasCurrent).hasValue(false);
        assertThat(scopes.scopes()).isEmpty();
    }

    /** These end by themselves, so that the list of members is cleaned up now and then. */
    private static void spawnShortTasksForEver(Scope scope) {
        scope.spawn(() -> 1);
        spawnShortTasksForEver(scope);
    }

    private static void openForEver(ScopeFactory scopes) {
        scopes.run("scope", scope -> openForEver(scopes));
    }

    /** The tasks do not end by themselves; calls in between keep them from being too many. */
    private static void spawnForEver(Scope scope, int callsBetween) {
        scope.spawn(Blocking::forever);
        descend(callsBetween, () -> spawnForEver(scope, callsBetween));
    }

    private static int descend(int calls, Runnable then) {
        if (calls == 0) {
            then.run();
            return 0;
        }
        return 1 + descend(calls - 1, then);
    }

    private static Object joinForEver(Scope scope) {
        return scope.spawn(() -> joinForEver(scope)).join();
    }

    @Test
    void run_inItsBodyWithoutEnd_throwsTheError() throws InterruptedException {
        ScopeFactory scopes = ScopeFactory.create(f -> f.withLogger(SILENT));
        for (int round = 0; round < ROUNDS; round++) {
            assertOverflows(round, scopes, () -> openForEver(scopes));
        }
    }

    @Test
    void run_inItsBodyWithoutEnd_inATask_throwsTheError() throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            int size = round;
            ScopeFactory scopes = ScopeFactory.create(
                    f -> f.withThreadFactory(command -> small(size, command)).withLogger(SILENT));
            assertOverflows(round, scopes, () -> scopes.run("run", scope -> scope.spawn(() -> openForEver(scopes))));
        }
    }

    @Test
    void spawn_withoutEnd_throwsTheError() throws InterruptedException {
        for (int round = 0; round < 2 * ROUNDS; round++) {
            int size = round;
            ScopeFactory scopes = ScopeFactory.create(
                    f -> f.withThreadFactory(command -> small(size, command)).withLogger(SILENT));
            assertOverflows(
                    round, scopes, () -> scopes.run("run", scope -> scope.spawn(() -> spawnForEver(scope, 30 + size))));
        }
    }

    /** The executor has a thread for the first task only: the others are in the queue when they are cancelled. */
    @Test
    void spawn_withoutEndOnABusyExecutor_throwsTheError() throws InterruptedException {
        for (int round = 0; round < MANY_ROUNDS; round++) {
            int size = round;
            AtomicBoolean busy = new AtomicBoolean();
            ScopeFactory scopes = ScopeFactory.create(f -> f.withCompensation(false)
                    .withListener(new ScopeListener() {})
                    .withLogger(SILENT)
                    .withExecutor(command -> {
                        if (busy.compareAndSet(false, true)) {
                            small(size, command).start();
                        }
                    }));
            assertOverflows(
                    round,
                    scopes,
                    () -> scopes.run(
                            "run", scope -> scope.spawn(() -> descend(size / 8, () -> spawnForEver(scope, size % 8)))));
        }
    }

    /** With threads of its own: the queue of an executor may be left locked by such an error, for which we cannot help. */
    @Test
    void spawn_ofShortTasksWithoutEnd_throwsTheError() throws InterruptedException {
        for (int round = 0; round < ROUNDS; round++) {
            int size = round;
            ScopeFactory scopes = ScopeFactory.create(
                    f -> f.withThreadFactory(command -> small(size, command)).withLogger(SILENT));
            assertOverflows(round, scopes, () -> scopes.run("run", s -> s.spawn(() -> spawnShortTasksForEver(s))));
        }
    }

    /** How many depths of the stack are tried, counted in calls from where it is full. */
    private static final int DEPTHS = 240;

    /** Where the stack is full within code of the JDK, the error may have another one around it. */
    private static void closeOrFail(OpenScope scope) {
        try {
            scope.close();
        } catch (VirtualMachineError | LinkageError e) {
            // As is wanted.
        }
    }

    /** Fills the stack, and runs something when so many calls have returned. */
    private static int climb(int calls, Runnable then) {
        try {
            int returned = climb(calls, then) + 1;
            if (returned == calls) {
                then.run();
            }
            return returned;
        } catch (StackOverflowError e) {
            return 0;
        }
    }

    /** At each depth in turn. */
    @Test
    void close_whereTheStackIsFull_canBeTriedAgain() throws InterruptedException {
        ScopeFactory scopes = ScopeFactory.create(f -> f.withLogger(SILENT));
        AtomicReference<Throwable> failed = new AtomicReference<>();
        Thread thread = small(
                0,
                () -> failed.set(catchThrowable(() -> {
                    for (int depth = ROUNDS * DEPTHS; depth > 0; depth--) {
                        OpenScope scope = scopes.open("open");
                        climb(1 + depth % DEPTHS, () -> closeOrFail(scope));
                        scope.close();
                        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
                        assertThat(Scope.current()).isEmpty();
                    }
                })));
        thread.start();
        thread.join(PATIENCE_MILLIS);

        assertThat(thread.isAlive()).isFalse();
        assertThat(failed.get()).isNull();
        assertThat(scopes.scopes()).isEmpty();
    }
}
