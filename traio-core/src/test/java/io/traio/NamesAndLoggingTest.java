// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.traio.EngineTest.Threads;
import io.traio.test.TestClock;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.slf4j.LoggerFactory;

/** Names, ids, and what is logged at which level (S11). */
@Spec("S11")
class NamesAndLoggingTest {

    private static final String LONG_NAME = "x".repeat(1 << 20);

    /** Names that nobody wants to see printed as they are. */
    private static final List<String> HOSTILE = List.of(
            "line\r\n00:00:00 INFO forged entry",
            "\u001b[31mred\u001b[2J",
            "\u202Egnp.exe\u2066\u2069",
            "line\u2028separator\u2029",
            "\u0000\u0007\u007F\u0085\u009b31m",
            "zero\u200Bwidth\uFEFF",
            "lone \uD800 surrogate",
            LONG_NAME);

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.traio.test.of.names");
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

    @BeforeEach
    void listen() {
        appender.list = new CopyOnWriteArrayList<>();
        appender.start();
        logger.setLevel(Level.DEBUG);
        logger.setAdditive(false);
        logger.addAppender(appender);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(appender);
        appender.stop();
    }

    private List<ILoggingEvent> logged(Level level) {
        return appender.list.stream().filter(event -> event.getLevel() == level).toList();
    }

    private static List<String> messages(List<ILoggingEvent> events) {
        return events.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private ScopeFactory logging(Harness harness) {
        return harness.scopes(f -> f.withLogger(logger));
    }

    @EngineTest
    void lifeCycle_isLoggedAtDebug(Harness harness) {
        logging(harness).run("mirror", scope -> scope.spawn("copy", () -> 1));

        assertThat(messages(logged(Level.DEBUG)))
                .anySatisfy(m -> assertThat(m).contains("mirror").contains("opened"))
                .anySatisfy(m -> assertThat(m).contains("copy").contains("spawned"))
                .anySatisfy(m -> assertThat(m).contains("copy").contains("started"))
                .anySatisfy(m -> assertThat(m).contains("copy").contains("ended"))
                .anySatisfy(m -> assertThat(m).contains("mirror").contains("ended"));
        assertThat(appender.list).allMatch(event -> event.getLevel() == Level.DEBUG);
    }

    @EngineTest
    void cancel_isLoggedAtDebug(Harness harness) {
        logging(harness).run("mirror", Scope::cancel);

        assertThat(messages(logged(Level.DEBUG)))
                .anySatisfy(m -> assertThat(m).contains("mirror").contains("cancelled"));
    }

    @EngineTest
    void timeout_isLoggedAtInfo(Harness harness, TestClock clock) {
        ScopeFactory scopes = logging(harness);
        catchThrowable(() -> scopes.run("mirror", s -> s.withTimeout(Duration.ofSeconds(1)), scope -> {
            clock.advance(Duration.ofSeconds(1));
        }));

        assertThat(messages(logged(Level.INFO)))
                .singleElement()
                .satisfies(m -> assertThat(m).contains("mirror").contains("1 s"));
    }

    @EngineTest
    void straggler_isLoggedAtError(Harness harness, TestClock clock) {
        ScopeFactory scopes = logging(harness);
        CountDownLatch mayEnd = new CountDownLatch(1);
        catchThrowable(() -> scopes.run("mirror", s -> s.withCancelTimeout(Duration.ofSeconds(1)), scope -> {
            CountDownLatch started = new CountDownLatch(1);
            scope.spawn("stubborn", () -> {
                started.countDown();
                return Blocking.stubbornly(mayEnd);
            });
            Blocking.await(started);
            scope.cancel();
            harness.helper(() -> {
                clock.awaitAlarms(1);
                clock.advance(Duration.ofSeconds(1));
            });
        }));
        mayEnd.countDown();

        assertThat(messages(logged(Level.ERROR)))
                .singleElement()
                .satisfies(m -> assertThat(m).contains("mirror").contains("stubborn"));
    }

    @EngineTest
    void failureThatDoesNotBubble_isLoggedWithItsStack(Harness harness) {
        IllegalStateException failure = new IllegalStateException("task");
        logging(harness)
                .run(
                        "mirror",
                        scope -> scope.spawn(
                                "copy",
                                () -> {
                                    throw failure;
                                },
                                t -> t.withBubble(false)));

        assertThat(logged(Level.WARN)).singleElement().satisfies(event -> {
            assertThat(event.getFormattedMessage()).contains("mirror").contains("copy");
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("task");
        });
    }

    @EngineTest
    void failureThatIsThrown_isNotLoggedBesides(Harness harness) {
        ScopeFactory scopes = logging(harness);
        catchThrowable(() -> scopes.run(
                "mirror",
                scope -> scope.spawn("copy", () -> {
                    throw new IllegalStateException("task");
                })));

        assertThat(appender.list).allMatch(event -> event.getLevel() == Level.DEBUG);
    }

    @EngineTest
    void callbackThatThrows_isLogged(Harness harness) {
        logging(harness)
                .run(
                        "mirror",
                        scope -> scope.onDone(s -> {
                            throw new IllegalStateException("callback");
                        }));

        Blocking.until("it is logged", () -> !logged(Level.ERROR).isEmpty());
        assertThat(logged(Level.ERROR).get(0).getThrowableProxy().getMessage()).isEqualTo("callback");
    }

    @EngineTest
    void loggerOfScope_takesPlaceOfTheFactorys(ScopeFactory scopes) {
        scopes.run("without", scope -> {});
        assertThat(appender.list).isEmpty();

        scopes.run("with", s -> s.withLogger(logger), scope -> scope.spawn("task", () -> 1));

        assertThat(messages(appender.list)).isNotEmpty().noneMatch(m -> m.contains("without"));
    }

    @EngineTest
    void loggerWithoutDebug_isLeftAlone(Harness harness) {
        logger.setLevel(Level.INFO);

        logging(harness).run("mirror", scope -> scope.spawn("copy", () -> 1));

        assertThat(appender.list).isEmpty();
    }

    @EngineTest
    void names_areKeptAsGiven(ScopeFactory scopes) {
        scopes.run("the \n scope", scope -> {
            assertThat(scope.name()).isEqualTo("the \n scope");
            Task<?> task = scope.spawn("the \n task", () -> 1);
            assertThat(task.name()).isEqualTo("the \n task");
        });
    }

    @EngineTest
    void names_notGiven_areDerivedAndDistinct(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            Task<?> one = scope.spawn(() -> 1);
            Action action = () -> {};
            Task<?> two = scope.spawn(action);

            assertThat(one.name()).isNotBlank();
            assertThat(two.name()).isNotBlank().isNotEqualTo(one.name());
            assertThat(one.toString()).contains(one.name());
        });
    }

    @EngineTest
    void names_mayBeEmpty(ScopeFactory scopes) {
        scopes.run("", scope -> {
            assertThat(scope.name()).isEmpty();
            assertThat(scope.spawn("", () -> 1).name()).isEmpty();
        });
    }

    @EngineTest
    void ordinaryNames_arePrintedAsTheyAre(ScopeFactory scopes) {
        for (String name : List.of("quotes", "Zürich–Genève", "東京", "a b/c", "😀")) {
            scopes.run(name, scope -> {
                assertThat(scope.toString()).contains(name);
                assertThat(scope.snapshot().displayName()).isEqualTo(name);
            });
        }
    }

    @EngineTest
    void fault21_hostileNames_areEscapedInTheLog(Harness harness, TestClock clock) {
        ScopeFactory scopes = logging(harness);
        for (String name : HOSTILE) {
            scopes.run(
                    name,
                    scope -> scope.spawn(
                            name,
                            () -> {
                                throw new IllegalStateException("task");
                            },
                            t -> t.withBubble(false)));
            catchThrowable(() -> scopes.run(name, s -> s.withTimeout(Duration.ofSeconds(1)), scope -> {
                scope.spawn(name, Blocking::forever);
                clock.advance(Duration.ofSeconds(1));
            }));
        }

        assertThat(appender.list).isNotEmpty().allSatisfy(event -> assertPrintable(event.getFormattedMessage()));
    }

    @EngineTest
    void fault21_hostileNames_areEscapedInMessagesOfExceptions(ScopeFactory scopes, TestClock clock) {
        List<Throwable> thrown = new ArrayList<>();
        for (String name : HOSTILE) {
            thrown.add(catchThrowable(() -> scopes.run(name, s -> s.withTimeout(Duration.ofSeconds(1)), scope -> {
                scope.spawn(name, Blocking::forever);
                clock.advance(Duration.ofSeconds(1));
            })));
            thrown.add(catchThrowable(() -> scopes.run(
                    name,
                    scope -> scope.spawn(name, () -> {
                        throw new IOException("task");
                    }))));
            Scope dead = scopes.call(name, scope -> scope);
            thrown.add(catchThrowable(() -> dead.spawn(name, () -> 1)));
            thrown.add(catchThrowable(dead::fork));
            thrown.add(catchThrowable(() -> dead.setTimeout(Duration.ofSeconds(1))));
            thrown.add(catchThrowable(() -> scopes.call(name, scope -> {
                scope.cancel();
                return Blocking.forever();
            })));
            thrown.add(catchThrowable(() ->
                    scopes.run(name, s -> s.withMaxConcurrency(1).withOverflow(ScopeOptions.Overflow.REJECT), scope -> {
                        scope.spawn(name, Blocking::forever);
                        scope.spawn(name, () -> 1);
                    })));
            thrown.add(catchThrowable(() -> {
                OpenScope outer = scopes.open(name);
                scopes.open(name);
                outer.close();
            }));
        }

        assertThat(thrown).doesNotContainNull().allSatisfy(t -> assertPrintable(t.getMessage()));
    }

    @EngineTest
    void fault21_hostileNames_areEscapedWhereScopesAndTasksArePrinted(ScopeFactory scopes) {
        for (String name : HOSTILE) {
            CountDownLatch mayEnd = new CountDownLatch(1);
            scopes.run(name, scope -> {
                Task<?> task = scope.spawn(name, () -> Blocking.await(mayEnd));
                assertPrintable(scope.toString());
                assertPrintable(task.toString());
                assertPrintable(scope.snapshot().displayName());
                assertPrintable(scope.snapshot().tasks().get(0).displayName());
                assertThat(scope.snapshot().name()).isEqualTo(name);
                mayEnd.countDown();
            });
        }
    }

    @EngineTest(on = {Threads.DEFAULT, Threads.FACTORY})
    void fault21_hostileNames_areEscapedInNamesOfThreads(ScopeFactory scopes) {
        for (String name : HOSTILE) {
            AtomicReference<String> thread = new AtomicReference<>();
            scopes.run(
                    "run",
                    scope -> scope.spawn(
                            name, () -> thread.set(Thread.currentThread().getName())));
            assertPrintable(thread.get());
        }
    }

    private static void assertPrintable(String text) {
        assertThat(text.length()).isLessThan(4_000);
        assertThat(text.codePoints()).noneMatch(c -> switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        });
    }

    @EngineTest(on = Threads.DEFAULT)
    void fault22_aMillionDistinctNames_areNotKept(Harness harness) {
        ScopeFactory scopes = harness.unwatched();
        List<WeakReference<String>> names = new ArrayList<>();
        for (int i = 0; i < 1_000_000; i++) {
            String name = new String("scope " + i);
            if (i % 50_000 == 0) {
                names.add(new WeakReference<>(name));
                scopes.run(name, s -> s.withTimeout(Duration.ofHours(1)), scope -> scope.spawn(name, () -> 1));
            } else {
                scopes.run(name, scope -> {});
            }
        }

        Blocking.until("no name is reachable", () -> {
            System.gc();
            return names.stream().allMatch(name -> name.get() == null);
        });
    }

    @EngineTest
    void fault21_hostileNames_areEscapedWhereSnapshotsArePrinted(ScopeFactory scopes) {
        scopes.run("scope\r\n\u001b[31m", scope -> {
            scope.spawn("task\r\n\u202e", Blocking::forever);
            scope.fork().openShared("child\r\n\u001b");
            String text = scope.snapshot().toString();
            String dump = scope.dump().toString();
            scope.cancel();
            assertThat(text).contains("scope", "task", "child").doesNotContain("\r", "\n", "\u001b", "\u202e");
            assertThat(dump).doesNotContain("\r", "\n", "\u001b", "\u202e");
        });
    }

    @EngineTest
    void complete_isLoggedAtDebug(Harness harness) {
        OpenScope scope = logging(harness).openShared("mirror");
        scope.complete();

        assertThat(messages(logged(Level.DEBUG)))
                .anySatisfy(m -> assertThat(m).contains("mirror").contains("completed"));
    }

    @EngineTest
    void changedTimeout_isLoggedAtDebug(Harness harness) {
        logging(harness).run("mirror", scope -> scope.setTimeout(Duration.ofSeconds(77)));

        assertThat(messages(logged(Level.DEBUG)))
                .anySatisfy(m -> assertThat(m).contains("mirror").contains("1 min 17 s"));
    }

    @EngineTest
    void cancelledTask_isLoggedAtDebug(Harness harness) {
        logging(harness)
                .run("mirror", scope -> scope.spawn("copy", Blocking::forever).cancel());

        assertThat(messages(logged(Level.DEBUG)))
                .anySatisfy(m -> assertThat(m).contains("copy").contains("cancelled"));
    }
}
