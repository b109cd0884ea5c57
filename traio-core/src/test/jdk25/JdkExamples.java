// SPDX-License-Identifier: Apache-2.0

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.StructuredTaskScope.Subtask;

/**
 * The JDK's side of docs/migration/structured-task-scope.md, for the preview of JDK 25 (JEP 505). Run as a program by
 * StructuredTaskScopeMigrationTest, which compares what it prints with what traio's side returns.
 */
class JdkExamples {

    record Page(String user, int orders) {}

    static String findUser() {
        return "ada";
    }

    static int countOrders() {
        return 3;
    }

    static Page page() throws InterruptedException {
        try (var scope = StructuredTaskScope.open()) {
            Subtask<String> user = scope.fork(() -> findUser());
            Subtask<Integer> orders = scope.fork(() -> countOrders());
            scope.join();
            return new Page(user.get(), orders.get());
        }
    }

    static <T> T first(List<Callable<T>> mirrors) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<T>anySuccessfulResultOrThrow())) {
            mirrors.forEach(scope::fork);
            return scope.join();
        }
    }

    static <T> List<T> all(List<Callable<T>> tasks) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<T>allSuccessfulOrThrow())) {
            tasks.forEach(scope::fork);
            return scope.join().map(Subtask::get).toList();
        }
    }

    static <T> List<T> successes(List<Callable<T>> tasks) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(Joiner.<T>awaitAll())) {
            List<Subtask<T>> subtasks = new ArrayList<>();
            tasks.forEach(task -> subtasks.add(scope.fork(task)));
            scope.join();
            return subtasks.stream()
                    .filter(subtask -> subtask.state() == Subtask.State.SUCCESS)
                    .map(Subtask::get)
                    .toList();
        }
    }

    static class Collecting<T> implements Joiner<T, List<T>> {

        private final Queue<T> results = new ConcurrentLinkedQueue<>();

        @Override
        public boolean onComplete(Subtask<? extends T> subtask) {
            if (subtask.state() == Subtask.State.SUCCESS) {
                results.add(subtask.get());
            }
            return results.size() >= 2;
        }

        @Override
        public List<T> result() {
            return List.copyOf(results);
        }
    }

    static <T> List<T> firstTwo(List<Callable<T>> tasks) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(new Collecting<T>())) {
            tasks.forEach(scope::fork);
            return scope.join();
        }
    }

    static String inTime(Callable<String> task) throws InterruptedException {
        try (var scope = StructuredTaskScope.open(
                Joiner.<String>awaitAllSuccessfulOrThrow(),
                configuration -> configuration.withName("report").withTimeout(Duration.ofMillis(200)))) {
            Subtask<String> report = scope.fork(task);
            scope.join();
            return report.get();
        } catch (StructuredTaskScope.TimeoutException e) {
            return "too late";
        }
    }

    static String handled() throws InterruptedException {
        try (var scope = StructuredTaskScope.open()) {
            scope.fork(() -> {
                throw new IllegalStateException("down");
            });
            scope.join();
            return "up";
        } catch (StructuredTaskScope.FailedException e) {
            return e.getCause().getMessage();
        }
    }

    static final ScopedValue<String> USER = ScopedValue.newInstance();

    static String inherited() throws Exception {
        return ScopedValue.where(USER, "ada").call(() -> {
            try (var scope = StructuredTaskScope.open()) {
                Subtask<String> user = scope.fork(() -> USER.get());
                scope.join();
                return user.get();
            }
        });
    }

    static int nested() throws InterruptedException {
        try (var scope = StructuredTaskScope.open()) {
            Subtask<List<Integer>> left = scope.fork(() -> all(List.of(() -> 1, () -> 2)));
            Subtask<List<Integer>> right = scope.fork(() -> all(List.of(() -> 3, () -> 4)));
            scope.join();
            return left.get().size() + right.get().size();
        }
    }

    static <T> T slow(T value) throws InterruptedException {
        Thread.sleep(60_000);
        return value;
    }

    static <T> T down() {
        throw new IllegalStateException("down");
    }

    static void print(Object result) {
        System.out.println(result);
    }

    public static void main(String[] arguments) throws Exception {
        print(page());
        print(first(List.of(() -> slow("europe"), () -> "asia")));
        print(all(List.of(() -> "a", () -> "b")));
        print(successes(List.of(() -> "a", () -> down(), () -> "c")));
        print(firstTwo(List.of(() -> slow("a"), () -> "b", () -> "b")));
        print(inTime(() -> slow("report")));
        print(handled());
        print(inherited());
        print(nested());
    }
}
