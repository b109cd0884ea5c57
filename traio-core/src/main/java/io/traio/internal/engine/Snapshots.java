// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Limiter;
import io.traio.Scope;
import io.traio.ScopeOptions;
import io.traio.ScopeSnapshot;
import io.traio.Task;
import io.traio.TaskOptions;
import io.traio.internal.Names;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Takes snapshots of scopes while they run. */
final class Snapshots {

    /** A stack costs much more than all else of a task, and holds up its thread. */
    private static final int MAX_STACKS = 1_000;

    private Snapshots() {}

    /**
     * Takes a tree level by level, without recursion: it may be deeper than the stack of this thread.
     *
     * @param max after how many scopes and tasks it is cut off
     */
    static ScopeSnapshot of(ScopeNode root, boolean stacks, int max) {
        List<Visit> visits = new ArrayList<>();
        visits.add(new Visit(root));
        int stacksLeft = stacks ? MAX_STACKS : 0;
        int left = max - 1;
        for (int i = 0; i < visits.size() && left > 0; i++) {
            Visit visit = visits.get(i);
            for (Node member : Members.of(visit.scope)) {
                if (left-- <= 0) {
                    break;
                }
                if (member instanceof ScopeNode child) {
                    Visit below = new Visit(child);
                    visit.children.add(below);
                    visits.add(below);
                } else {
                    visit.tasks.add(of((TaskNode<?>) member, stacksLeft-- > 0));
                }
            }
        }
        for (int i = visits.size() - 1; i > 0; i--) {
            visits.get(i).finish();
        }
        return visits.get(0).finish();
    }

    /** A scope whose members are being looked at. */
    private static final class Visit {

        final ScopeNode scope;
        final List<ScopeSnapshot.TaskSnapshot> tasks = new ArrayList<>();
        final List<Visit> children = new ArrayList<>();
        private @Nullable ScopeSnapshot view;

        Visit(ScopeNode scope) {
            this.scope = scope;
        }

        /** Called once those of the children are there. */
        ScopeSnapshot finish() {
            Duration age = Duration.ofNanos(scope.engine.time.nanoTime() - scope.openedAtNanos);
            ScopeSnapshot made = new ScopeView(
                    scope.id(),
                    scope.name(),
                    scope.options.kind(),
                    scope.state(),
                    scope.endText(),
                    scope.isStraggler() && !scope.isCodeEnded(),
                    scope.isShield(),
                    scope.options.endless(),
                    threadName(scope),
                    waitsFor(scope),
                    scope.engine.time.now().minus(age),
                    age,
                    scope.remaining().orElse(null),
                    List.copyOf(tasks),
                    children.stream()
                            .map(child -> Objects.requireNonNull(child.view))
                            .toList());
            view = made;
            return made;
        }
    }

    private record ScopeView(
            long id,
            String name,
            String kind,
            Scope.State state,
            @Nullable String cancelled,
            boolean straggling,
            boolean shielded,
            boolean endless,
            @Nullable String thread,
            @Nullable String waitsFor,
            Instant openedAt,
            Duration age,
            @Nullable Duration remaining,
            List<TaskSnapshot> tasks,
            List<ScopeSnapshot> children)
            implements ScopeSnapshot {

        @Override
        public String toString() {
            return "scope '" + displayName() + "' (#" + id + ") " + state + ", tasks " + tasks + ", children "
                    + children;
        }
    }

    private record TaskView(
            long id,
            String name,
            Task.Status status,
            TaskOptions options,
            Duration age,
            @Nullable String thread,
            @Nullable String waitsFor,
            List<StackTraceElement> stack)
            implements ScopeSnapshot.TaskSnapshot {

        @Override
        public String toString() {
            return "task '" + displayName() + "' (#" + id + ") " + status;
        }
    }

    private static ScopeSnapshot.TaskSnapshot of(TaskNode<?> task, boolean stacks) {
        Duration age = task.hasStarted()
                ? Duration.ofNanos(task.scope.engine.time.nanoTime() - task.startedAtNanos())
                : Duration.ZERO;
        return new TaskView(
                task.id(),
                task.name(),
                task.statusUnseen(),
                task.options(),
                age,
                threadName(task),
                waitsFor(task),
                stacks ? stack(task) : List.of());
    }

    private static List<StackTraceElement> stack(TaskNode<?> task) {
        Thread thread = task.thread();
        if (thread == null) {
            return List.of();
        }
        List<StackTraceElement> stack = List.of(thread.getStackTrace());
        // Once the task has ended, its thread may run something else.
        return !task.isLive() ? List.of() : stack;
    }

    /** What the thread of a node is parked for, if that is a wait of the engine; null if it runs. */
    private static @Nullable String waitsFor(Node node) {
        if (node instanceof TaskNode<?> task && task.status() == Task.Status.QUEUED) {
            return permit(task.scope.options);
        }
        Thread thread = node.thread();
        Object blocker = thread != null && node.isLive() ? LockSupport.getBlocker(thread) : null;
        if (!(blocker instanceof Node awaited) || node.thread() != thread || !node.isLive()) {
            return null;
        }
        return awaited == node ? "its members" : awaited.label();
    }

    /** What a task that has not started waits for; which of two permits it lacks is not known. */
    private static String permit(ScopeOptions options) {
        Limiter limiter = options.limiter();
        if (limiter != null && limiter.inUse() >= limiter.permits()) {
            return "permit of limiter '" + Names.printable(limiter.name()) + "'";
        }
        return options.maxConcurrency() > 0 ? "permit (maxConcurrency " + options.maxConcurrency() + ")" : "thread";
    }

    private static @Nullable String threadName(Node node) {
        Thread thread = node.thread();
        if (thread == null) {
            return null;
        }
        String name = thread.getName();
        return Names.printable(name.isEmpty() ? thread.toString() : name);
    }
}
