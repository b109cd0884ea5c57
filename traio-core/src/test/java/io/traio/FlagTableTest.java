// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The flags of a task in all combinations, with all ways in which a task can end (T2, T4, T5, T6). */
@Spec({"T2", "T4", "T5", "T6"})
class FlagTableTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final IllegalStateException FAILURE = new IllegalStateException("flagged task");

    private static final Pattern README_ROW =
            Pattern.compile("^\\| ([✓–]) \\| ([✓–]) \\| ([✓–]) \\|(.*)\\|$", Pattern.MULTILINE);

    private static final String TABLE = """
            # master | bubble | awaited | task ends by | scope | exit raises
            false | false | false | SUCCESS   | GOES_ON | NOTHING
            false | false | false | FAILURE   | GOES_ON | NOTHING
            false | false | false | CANCELLED | GOES_ON | NOTHING
            false | false | false | TIMEOUT   | ENDS    | TIMEOUT
            false | false | true  | SUCCESS   | GOES_ON | NOTHING
            false | false | true  | FAILURE   | GOES_ON | NOTHING
            false | false | true  | CANCELLED | GOES_ON | NOTHING
            false | false | true  | TIMEOUT   | ENDS    | TIMEOUT
            false | true  | false | SUCCESS   | GOES_ON | NOTHING
            false | true  | false | FAILURE   | ENDS    | FAILURE
            false | true  | false | CANCELLED | GOES_ON | NOTHING
            false | true  | false | TIMEOUT   | ENDS    | TIMEOUT
            false | true  | true  | SUCCESS   | GOES_ON | NOTHING
            false | true  | true  | FAILURE   | ENDS    | FAILURE
            false | true  | true  | CANCELLED | GOES_ON | NOTHING
            false | true  | true  | TIMEOUT   | ENDS    | TIMEOUT
            true  | false | false | SUCCESS   | ENDS    | NOTHING
            true  | false | false | FAILURE   | ENDS    | NOTHING
            true  | false | false | CANCELLED | ENDS    | NOTHING
            true  | false | false | TIMEOUT   | ENDS    | TIMEOUT
            true  | false | true  | SUCCESS   | ENDS    | NOTHING
            true  | false | true  | FAILURE   | ENDS    | NOTHING
            true  | false | true  | CANCELLED | ENDS    | NOTHING
            true  | false | true  | TIMEOUT   | ENDS    | TIMEOUT
            true  | true  | false | SUCCESS   | ENDS    | NOTHING
            true  | true  | false | FAILURE   | ENDS    | FAILURE
            true  | true  | false | CANCELLED | ENDS    | NOTHING
            true  | true  | false | TIMEOUT   | ENDS    | TIMEOUT
            true  | true  | true  | SUCCESS   | ENDS    | NOTHING
            true  | true  | true  | FAILURE   | ENDS    | FAILURE
            true  | true  | true  | CANCELLED | ENDS    | NOTHING
            true  | true  | true  | TIMEOUT   | ENDS    | TIMEOUT
            """;

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

    private enum Raised {
        NOTHING,
        FAILURE,
        TIMEOUT
    }

    /** Beside the flagged task runs another one, which shows whether the scope goes on or ends. */
    @ParameterizedTest(name = "master={0} bubble={1} awaited={2} {3}: scope {4}, raises {5}")
    @CsvSource(delimiter = '|', textBlock = TABLE)
    void flags_besideAnotherTask(boolean master, boolean bubble, boolean awaited, How how, Then then, Raised raised)
            throws Exception {
        TaskOptions options =
                TaskOptions.DEFAULT.withMaster(master).withBubble(bubble).withAwaited(awaited);
        for (EngineTest.Threads threads : EngineTest.Threads.values()) {
            Harness harness = new Harness(threads, 2, true);
            harness.begin();
            besideAnotherTask(harness, options, how, then, raised);
            harness.close();
        }
    }

    private static void besideAnotherTask(Harness harness, TaskOptions options, How how, Then then, Raised raised) {
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

        switch (raised) {
            case NOTHING -> assertThat(thrown).isNull();
            case FAILURE -> assertThat(thrown).isSameAs(FAILURE);
            case TIMEOUT -> assertThat(thrown).isInstanceOf(ScopeTimeoutException.class);
            default -> throw new AssertionError(raised);
        }
        if (how == How.FAILURE && !options.bubble()) {
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

    /** The flagged task is all that is left when the body has ended. */
    @ParameterizedTest(name = "master={0} bubble={1} awaited={2}: {3}")
    @CsvSource(delimiter = '|', textBlock = """
                    # master | bubble | awaited | the task
                    false | false | false | CANCELLED
                    false | false | true  | SUCCEEDED
                    false | true  | false | CANCELLED
                    false | true  | true  | SUCCEEDED
                    true  | false | false | CANCELLED
                    true  | false | true  | SUCCEEDED
                    true  | true  | false | CANCELLED
                    true  | true  | true  | SUCCEEDED
                    """)
    void flags_nothingElseLeft(boolean master, boolean bubble, boolean awaited, Task.Status status) throws Exception {
        TaskOptions options =
                TaskOptions.DEFAULT.withMaster(master).withBubble(bubble).withAwaited(awaited);
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
                if (awaited) {
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

    /** What the README says of each combination, in the words of {@link #TABLE}. */
    @Test
    void readme_tableOfFlags_isTheOneThatIsTested() throws IOException {
        List<String> told = new ArrayList<>();
        Matcher row = README_ROW.matcher(Files.readString(Path.of("../README.md")));
        while (row.find()) {
            String flags = isSet(row.group(1)) + " " + isSet(row.group(2)) + " " + isSet(row.group(3));
            boolean bubble = isSet(row.group(2));
            boolean awaited = isSet(row.group(3));
            String[] cells = row.group(4).split("\\|");
            for (How how : How.values()) {
                String cell = cells[how.ordinal()].strip();
                told.add(flags + " " + how + " " + outcome(cell));
                if (how == How.FAILURE) {
                    assertThat(cell.contains("failure logged")).as(cell).isEqualTo(!bubble);
                }
                if (cell.startsWith("goes on, wait") || cell.startsWith("goes on, does not wait")) {
                    assertThat(cell.contains("waits for it")).as(cell).isEqualTo(awaited);
                }
            }
        }

        assertThat(told)
                .containsExactlyInAnyOrderElementsOf(TABLE.lines()
                        .filter(line -> !line.startsWith("#"))
                        .map(line -> line.replaceAll("[ |]+", " "))
                        .toList());
    }

    private static boolean isSet(String cell) {
        return cell.equals("✓");
    }

    private static String outcome(String cell) {
        Then then = cell.startsWith("goes on") ? Then.GOES_ON : Then.ENDS;
        Raised raised = cell.contains("raises the failure")
                ? Raised.FAILURE
                : cell.contains("`ScopeTimeoutException`") ? Raised.TIMEOUT : Raised.NOTHING;
        if (then == Then.ENDS && raised == Raised.NOTHING) {
            assertThat(cell).startsWith("ends silently");
        }
        return then + " " + raised;
    }
}
