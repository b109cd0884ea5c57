// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.Limiter;
import io.traio.ScopeOptions;
import io.traio.ScopeSnapshot;
import io.traio.Task;
import io.traio.TaskOptions;
import io.traio.internal.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Takes snapshots of scopes while they run. */
final class Snapshots {

    /** A stack costs much more than all else of a task, and holds up its thread. */
    private static final int MAX_STACKS = 1_000;

    /**
     * How many tasks and child scopes of each scope are taken first, and then. What is deep in a tree says more than the next
     * of many that are alike.
     */
    private static final int[] WIDTHS = {20, Integer.MAX_VALUE};

    private static final int[] ALL_AT_ONCE = {Integer.MAX_VALUE};

    /** The scopes that are taken, in the order in which they are looked at: level by level, or nearly so. */
    private final List<Visit> visits = new ArrayList<>();
    /** How many more scopes and tasks are taken. */
    private int left;

    private int stacksLeft;
    /** How many that are left out are counted one by one. */
    private int countsLeft = 10_000;

    private Snapshots(boolean stacks, int max) {
        left = max;
        stacksLeft = stacks ? MAX_STACKS : 0;
    }

    /**
     * Takes a tree without recursion: it may be deeper than the stack of this thread.
     *
     * @param max after how many scopes and tasks it is cut off
     */
    static ScopeSnapshot of(ScopeNode root, boolean stacks, int max) {
        if (max < 1) {
            throw new IllegalArgumentException(
                    "A snapshot of " + root.label() + " needs a limit of at least 1: " + max);
        }
        Snapshots taken = new Snapshots(stacks, max);
        taken.visit(root);
        for (int width : max == Integer.MAX_VALUE ? ALL_AT_ONCE : WIDTHS) {
            for (int i = 0; i < taken.visits.size() && taken.left > 0; i++) {
                taken.visits.get(i).take(width);
            }
        }
        for (int i = taken.visits.size() - 1; i > 0; i--) {
            taken.visits.get(i).finish();
        }
        return taken.visits.get(0).finish();
    }

    private Visit visit(ScopeNode scope) {
        Visit visit = new Visit(scope);
        visits.add(visit);
        left--;
        return visit;
    }

    /** A scope whose members are being looked at. */
    private final class Visit {

        final ScopeNode scope;
        final List<ScopeSnapshot.TaskSnapshot> tasks = new ArrayList<>();
        final List<Visit> children = new ArrayList<>();
        private final List<LiveList.Cursor> nextTask;
        private final List<LiveList.Cursor> nextChild;
        private @Nullable ScopeSnapshot view;

        Visit(ScopeNode scope) {
            this.scope = scope;
            this.nextTask = Members.cursors(scope);
            this.nextChild = scope.hadChildren ? Members.cursors(scope) : List.of();
        }

        /** Takes members up to a width. */
        void take(int width) {
            while (tasks.size() < width && left > 0) {
                TaskNode<?> task = next(nextTask, TaskNode.class);
                if (task == null) {
                    break;
                }
                left--;
                tasks.add(of(task, stacksLeft-- > 0));
            }
            while (children.size() < width && left > 0) {
                ScopeNode child = next(nextChild, ScopeNode.class);
                if (child == null) {
                    break;
                }
                children.add(visit(child));
            }
        }

        private static <T extends Node> @Nullable T next(List<LiveList.Cursor> cursors, Class<T> type) {
            for (LiveList.Cursor cursor : cursors) {
                T next = cursor.next(type);
                if (next != null) {
                    return next;
                }
            }
            return null;
        }

        /** Returns how many members have not been taken. */
        private int omitted() {
            int counted = count(nextTask, TaskNode.class) + count(nextChild, ScopeNode.class);
            int live = scope.shared ? scope.liveMembers() : Admission.liveMembersBesideBody(scope);
            int known = live - tasks.size() - children.size();
            return counted == 0 || countsLeft > 0 ? counted : Math.max(counted, known);
        }

        private <T extends Node> int count(List<LiveList.Cursor> cursors, Class<T> type) {
            int counted = 0;
            while ((counted == 0 || countsLeft > 0) && next(cursors, type) != null) {
                counted++;
                countsLeft--;
            }
            return counted;
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
                            .toList(),
                    left > 0 ? 0 : omitted());
            view = made;
            return made;
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
