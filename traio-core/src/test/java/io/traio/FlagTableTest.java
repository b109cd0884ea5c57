// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The flags of a task in all combinations, with all ways in which a task can end (T2, T3b, T4, T5, T6). What is expected
 * stands in the table of docs/reference/flags.md, in which "any" is both.
 */
@Spec({"T2", "T3b", "T4", "T5", "T6"})
class FlagTableTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final IllegalStateException FAILURE = new IllegalStateException("flagged task");

    private static final Pattern ROW =
            Pattern.compile("^\\|" + " (✓|–|any) \\|".repeat(4) + "(.*)\\|$", Pattern.MULTILINE);

    private static final int FLAGS = 4;

    private enum How {
        SUCCESS,
        FAILURE,
        CANCELLED,
        TIMEOUT
    }

    private enum Then {
        GOES_ON,
        ENDS
    }

    private enum Thrown {
        NOTHING,
        FAILURE,
        TIMEOUT
    }

    /** The cells of the page, one argument list for each combination of flags and each way to end. */
    static List<Arguments> cellsOfTheTable() throws IOException {
        List<Arguments> cells = new ArrayList<>();
        Matcher row = ROW.matcher(Files.readString(Path.of("../docs/reference/flags.md")));
        while (row.find()) {
            String[] texts = row.group(FLAGS + 1).split("\\|");
            for (TaskOptions options : combinations()) {
                if (isMeant(row.group(1), options.master())
                        && isMeant(row.group(2), options.bubble())
                        && isMeant(row.group(3), options.toJoin())
                        && isMeant(row.group(4), options.awaited())) {
                    for (How how : How.values()) {
                        cells.add(arguments(options, how, texts[how.ordinal()].strip()));
                    }
                }
            }
        }
        return cells;
    }

    private static boolean isMeant(String flag, boolean value) {
        return flag.equals("any") || flag.equals(value ? "✓" : "–");
    }

    static List<TaskOptions> combinations() {
        return IntStream.range(0, 1 << FLAGS)
                .mapToObj(bits -> TaskOptions.DEFAULT
                        .withMaster((bits & 1) != 0)
                        .withBubble((bits & 2) != 0)
                        .withToJoin((bits & 4) != 0)
                        .withAwaited((bits & 8) != 0))
                .toList();
    }

    @Test
    void table_hasOneCellForEachCombinationAndEachEnd() throws IOException {
        List<String> cells = cellsOfTheTable().stream()
                .map(cell -> cell.get()[0] + " " + cell.get()[1])
                .toList();

        assertThat(cells).hasSize(combinations().size() * How.values().length).doesNotHaveDuplicates();
    }

    /** Beside the flagged task runs another one, which shows whether the scope goes on or ends. */
    @ParameterizedTest(name = "{1}: {2} ({0})")
    @MethodSource("cellsOfTheTable")
    void flags_besideAnotherTask(TaskOptions options, How how, String cell) throws Exception {
        Then then = cell.startsWith("goes on") ? Then.GOES_ON : Then.ENDS;
        Thrown thrown = cell.contains("throws the failure")
                ? Thrown.FAILURE
                : cell.contains("`ScopeTimeoutException`") ? Thrown.TIMEOUT : Thrown.NOTHING;
        assertThat(cell).startsWith(then == Then.GOES_ON ? "goes on" : thrown == Thrown.NOTHING ? "ends silently" : "");
        for (EngineTest.Threads threads : EngineTest.Threads.values()) {
            Harness harness = new Harness(threads, 2, true);
            harness.begin();
            besideAnotherTask(harness, options, how, then, thrown, cell.contains("failure logged"));
            harness.close();
        }
    }

    private static void besideAnotherTask(
            Harness harness, TaskOptions options, How how, Then then, Thrown expected, boolean logged) {
        CountDownLatch started = new CountDownLatch(2);
        CountDownLatch flaggedMayEnd = new CountDownLatch(1);
        CountDownLatch otherMayEnd = new CountDownLatch(1);
        AtomicReference<Scope> opened = new AtomicReference<>();
        AtomicReference<Task<?>> other = new AtomicReference<>();
        AtomicReference<Task<?>> flagged = new AtomicReference<>();
        LogCapture log = new LogCapture();
        ScopeFactory scopes = harness.scopes(f -> f.withLogger(log.logger()));

        Throwable thrown = catchThrowable(() -> scopes.run("run", s -> s.withTimeout(TIMEOUT), scope -> {
            opened.set(scope);
            other.set(scope.spawn("other", () -> {
                started.countDown();
                return Blocking.await(otherMayEnd);
            }));
            flagged.set(scope.spawn(
                    "flagged",
                    () -> {
                        started.countDown();
                        Blocking.await(flaggedMayEnd);
                        if (how == How.FAILURE) {
                            throw FAILURE;
                        }
                        return null;
                    },
                    t -> options));
            harness.helper(() -> {
                Blocking.await(started);
                switch (how) {
                    case SUCCESS, FAILURE -> flaggedMayEnd.countDown();
                    case CANCELLED -> flagged.get().cancel();
                    case TIMEOUT -> harness.clock().advance(TIMEOUT);
                    default -> throw new AssertionError(how);
                }
                Blocking.until("the flagged task has ended", flagged.get()::isDone);
                if (then == Then.GOES_ON) {
                    otherMayEnd.countDown();
                }
            });
        }));

        switch (expected) {
            case NOTHING -> assertThat(thrown).isNull();
            case FAILURE -> assertThat(thrown).isSameAs(FAILURE);
            case TIMEOUT -> assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
            default -> throw new AssertionError(expected);
        }
        if (logged) {
            assertThat(log.thrown(Level.WARN)).containsExactly(FAILURE);
        } else {
            assertThat(log.messages(Level.WARN)).isEmpty();
        }
        assertThat(opened.get().isCancelled()).isEqualTo(then == Then.ENDS);
        assertThat(other.get().status()).isEqualTo(then == Then.ENDS ? Task.Status.CANCELLED : Task.Status.SUCCEEDED);
        assertThat(flagged.get().status())
                .isEqualTo(
                        switch (how) {
                            case SUCCESS -> Task.Status.SUCCEEDED;
                            case FAILURE -> Task.Status.FAILED;
                            case CANCELLED, TIMEOUT -> Task.Status.CANCELLED;
                        });
    }

    /** The flagged task is all that is left when the body has ended: only an awaited one is waited for. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("combinations")
    void flags_nothingElseLeft(TaskOptions options) throws Exception {
        Task.Status status = options.awaited() ? Task.Status.SUCCEEDED : Task.Status.CANCELLED;
        for (EngineTest.Threads threads : EngineTest.Threads.values()) {
            Harness harness = new Harness(threads, 1, true);
            harness.begin();
            CountDownLatch mayEnd = new CountDownLatch(1);

            Task<?> task = harness.scopes().call("call", scope -> {
                CountDownLatch started = new CountDownLatch(1);
                Task<?> flagged = scope.spawn(
                        "flagged",
                        () -> {
                            started.countDown();
                            return Blocking.await(mayEnd);
                        },
                        t -> options);
                Blocking.await(started);
                if (options.awaited()) {
                    harness.helper(() -> {
                        Blocking.until("the body has ended", () -> scope.state() == Scope.State.COMPLETING);
                        mayEnd.countDown();
                    });
                }
                return flagged;
            });

            assertThat(task.status()).isEqualTo(status);
            harness.close();
        }
    }

    static List<TaskOptions> combinationsToJoin() {
        return combinations().stream().filter(TaskOptions::toJoin).toList();
    }

    /** "Unless it was joined": however early the failure came. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("combinationsToJoin")
    void flags_failureWasJoined_exitThrowsNothing(TaskOptions options) throws Exception {
        Harness harness = new Harness(EngineTest.Threads.DEFAULT, 1, true);
        harness.begin();
        harness.scopes().run("run", scope -> {
            Task<?> flagged = scope.spawn(
                    "flagged",
                    () -> {
                        throw FAILURE;
                    },
                    t -> options);
            Blocking.until("it has failed", flagged::isDone);
            assertThatThrownBy(flagged::join).isSameAs(FAILURE);
        });
        harness.close();
    }
}
