// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.OtherRuntime;
import io.traio.ScopeFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightEventsTest {

    private final ScopeFactory scopes = ScopeFactory.create();

    @TempDir
    private Path folder;

    /** What is recorded when this is the only one of our events that is wanted. */
    private List<RecordedEvent> record(String event, Runnable action) throws Exception {
        try (Recording recording = new Recording()) {
            recording.disable("io.traio.Scope");
            recording.disable("io.traio.Task");
            recording.enable(event).withoutThreshold();
            recording.start();
            action.run();
            recording.stop();
            Path file = folder.resolve("events.jfr");
            recording.dump(file);
            return RecordingFile.readAllEvents(file);
        }
    }

    @Test
    void scope_recorded_hasItsOutcome() throws Exception {
        List<RecordedEvent> events =
                record("io.traio.Scope", () -> scopes.run("quotes", scope -> scope.spawn(() -> {})));
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.getEventType().getName()).isEqualTo("io.traio.Scope");
            assertThat(event.getString("name")).isEqualTo("quotes");
            assertThat(event.getLong("scopeId")).isPositive();
            assertThat(event.getLong("parentId")).isZero();
            assertThat(event.getString("outcome")).isEqualTo("SUCCESS");
            assertThat(event.getString("reason")).isNull();
            assertThat(event.getString("exception")).isNull();
            assertThat(event.getDuration()).isPositive();
        });
    }

    @Test
    void scope_failsBelowAnother_hasReasonExceptionAndParent() throws Exception {
        List<RecordedEvent> events = record(
                "io.traio.Scope",
                () -> scopes.run("parent", parent -> {
                    catchThrowable(() -> scopes.run("child\n", child -> {
                        throw new IllegalStateException("no");
                    }));
                }));
        assertThat(events).hasSize(2);
        RecordedEvent child = events.stream()
                .filter(e -> e.getString("name").equals("child\\u000A"))
                .findFirst()
                .orElseThrow();
        RecordedEvent parent = events.stream()
                .filter(e -> e.getString("name").equals("parent"))
                .findFirst()
                .orElseThrow();
        assertThat(child.getString("outcome")).isEqualTo("FAILURE");
        assertThat(child.getString("reason")).isEqualTo("FAILURE");
        assertThat(child.getString("exception")).isEqualTo(IllegalStateException.class.getName());
        assertThat(child.getLong("parentId")).isEqualTo(parent.getLong("scopeId"));
    }

    @Test
    void task_recorded_hasItsScopeAndOutcome() throws Exception {
        List<RecordedEvent> events = record(
                "io.traio.Task",
                () -> scopes.run(
                        "quotes",
                        scope -> scope.spawn(
                                "alpha",
                                () -> {
                                    throw new IllegalStateException("no");
                                },
                                t -> t.withBubble(false))));
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.getEventType().getName()).isEqualTo("io.traio.Task");
            assertThat(event.getString("name")).isEqualTo("alpha");
            assertThat(event.getString("scopeName")).isEqualTo("quotes");
            assertThat(event.getLong("taskId")).isPositive();
            assertThat(event.getLong("scopeId")).isPositive();
            assertThat(event.getString("outcome")).isEqualTo("FAILED");
            assertThat(event.getString("exception")).isEqualTo(IllegalStateException.class.getName());
        });
    }

    @Test
    void task_cancelledBeforeItStarted_isNotRecorded() throws Exception {
        List<RecordedEvent> events = record(
                "io.traio.Task",
                () -> scopes.run("quotes", s -> s.withMaxConcurrency(1), scope -> {
                    CountDownLatch free = new CountDownLatch(1);
                    scope.spawn("first", () -> {
                        free.await();
                        return null;
                    });
                    scope.spawn("second", () -> {}).cancel();
                    free.countDown();
                }));
        assertThat(events).extracting(e -> e.getString("name")).containsExactly("first");
    }

    @Test
    void events_notWanted_areNotMade() throws Exception {
        List<RecordedEvent> events = record(
                "jdk.ThreadSleep",
                () -> scopes.run("quotes", scope -> {
                    assertThat(((ScopeNode) scope).flightEvent).isNull();
                    TaskNode<?> task = (TaskNode<?>) scope.spawn(() -> {});
                    task.join();
                    assertThat(task.observed).isNull();
                }));
        assertThat(events).noneMatch(event -> event.getEventType().getName().startsWith("io.traio"));
    }

    @Test
    void runtime_withoutFlightRecorder_runsScopes() throws Exception {
        assertThat(OtherRuntime.run(SmallRuntime.class, List.of("--limit-modules", "java.base")))
                .contains("recorder: false")
                .contains("answer: 42");
    }

    /** Runs in a process of its own. */
    static final class SmallRuntime {

        public static void main(String[] args) {
            System.out.println(
                    "recorder: " + ModuleLayer.boot().findModule("jdk.jfr").isPresent());
            int answer = ScopeFactory.create()
                    .call("small", scope -> scope.spawn(() -> 42).join());
            System.out.println("answer: " + answer);
            System.exit(0);
        }
    }
}
