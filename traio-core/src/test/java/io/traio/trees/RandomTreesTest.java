// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs random programs and holds the engine to what it promises whatever the program. System properties:
 *
 * <ul>
 *   <li>{@code traio.trees.count}: how many; default 2,000
 *   <li>{@code traio.trees.seed}: runs the program of this seed only, up to {@code traio.trees.repeat} (default 300)
 *       times, until it fails: the program is the same each time, and its timing is not
 *   <li>{@code traio.trees.from}: what the seeds of a run come from; by default another number each time
 *   <li>{@code traio.trees.parallel}: how many run at once; default 6
 *   <li>{@code traio.trees.patience}: after how many milliseconds a program hangs; default 20,000
 *   <li>{@code traio.trees.threads}: only trees that run on these {@linkplain Tree.Kind kinds of threads}
 *   <li>{@code traio.trees.slow}: prints the programs that take more milliseconds than this
 *   <li>{@code traio.trees.ignore}: promises, separated by commas, that are not looked at
 *   <li>{@code traio.trees.strict}: whether any broken promise fails the test
 * </ul>
 *
 * <p>Threads of a random program meet by chance. In a build, a broken promise fails the test if the program breaks it again
 * within {@value #AGAIN} more runs; one that does not is printed, with its seed, to be looked at in a long run.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
class RandomTreesTest {

    private static final long PATIENCE_MILLIS = Long.getLong("traio.trees.patience", 20_000);
    private static final long SLOW_MILLIS = Long.getLong("traio.trees.slow", Long.MAX_VALUE);
    private static final Set<String> IGNORED = words("traio.trees.ignore");
    private static final Set<String> THREADS = words("traio.trees.threads");

    /**
     * Ones that cannot be kept always: an interrupt from outside and one of ours share one flag.
     */
    private static final Set<String> COUNTED_ONLY = Set.of("interrupt-lost-near-cancel");

    private static final int AGAIN = 20;
    private static final boolean STRICT = Boolean.getBoolean("traio.trees.strict");

    /** Broken promises: how often, and the smallest program for each. */
    private final Map<String, Found> found = new TreeMap<>();

    private static final class Found {
        int count;
        long lastSeed;
        int size = Integer.MAX_VALUE;
        String text = "";
        final List<Long> seeds = new ArrayList<>();
    }

    private static Set<String> words(String property) {
        return Arrays.stream(System.getProperty(property, "").split(","))
                .filter(word -> !word.isEmpty())
                .collect(Collectors.toSet());
    }

    @Test
    void promises_holdInRandomTrees() throws Exception {
        Long seed = Long.getLong("traio.trees.seed");
        if (seed != null) {
            int repeat = Integer.getInteger("traio.trees.repeat", 300);
            run(repeat, i -> seed);
        } else {
            long from = Long.getLong("traio.trees.from", new SplittableRandom().nextLong());
            SplittableRandom seeds = new SplittableRandom(from);
            List<Long> all = seeds.longs(Integer.getInteger("traio.trees.count", 2_000))
                    .boxed()
                    .toList();
            run(all.size(), all::get);
        }
        found.entrySet().stream()
                .filter(each -> COUNTED_ONLY.contains(each.getKey()))
                .forEach(each -> System.out.println(each.getKey() + ": " + each.getValue().count));
        found.keySet().removeAll(COUNTED_ONLY);
        if (seed == null && !STRICT && !found.isEmpty()) {
            keepWhatHappensAgain();
        }
        if (!found.isEmpty()) {
            fail(report());
        }
    }

    private void keepWhatHappensAgain() throws Exception {
        Map<String, Found> before = new TreeMap<>(found);
        found.clear();
        for (Map.Entry<String, Found> each : before.entrySet()) {
            List<Long> seeds = each.getValue().seeds;
            run(AGAIN * seeds.size(), i -> seeds.get(i % seeds.size()));
            if (!found.containsKey(each.getKey())) {
                System.out.println(
                        "Broken once: " + each.getKey() + " by the trees " + seeds + "\n" + each.getValue().text);
            }
        }
        found.keySet().retainAll(before.keySet());
    }

    private void run(int count, java.util.function.IntFunction<Long> seeds) throws Exception {
        AtomicInteger next = new AtomicInteger();
        int parallel = Integer.getInteger("traio.trees.parallel", 6);
        ExecutorService workers = Executors.newFixedThreadPool(parallel);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < parallel; i++) {
                done.add(workers.submit(() -> {
                    for (int at = next.getAndIncrement(); at < count; at = next.getAndIncrement()) {
                        runOne(seeds.apply(at));
                    }
                    return null;
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        } finally {
            workers.shutdownNow();
        }
    }

    private void runOne(long seed) throws InterruptedException {
        Tree tree = TreeMaker.make(seed);
        if (!THREADS.isEmpty() && !THREADS.contains(tree.threads().name())) {
            return;
        }
        long begun = System.nanoTime();
        List<Book.Fault> faults = TreeRun.run(tree, PATIENCE_MILLIS);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        if (millis > SLOW_MILLIS) {
            System.out.println("took " + millis + " ms: " + tree);
        }
        synchronized (found) {
            for (Book.Fault fault : faults) {
                if (!IGNORED.contains(fault.promise())) {
                    note(tree, fault);
                }
            }
        }
    }

    private void note(Tree tree, Book.Fault fault) {
        Found known = found.computeIfAbsent(fault.promise(), unseen -> new Found());
        if (known.lastSeed != tree.seed()) {
            known.lastSeed = tree.seed();
            known.count++;
            if (known.seeds.size() < 10) {
                known.seeds.add(tree.seed());
            }
        }
        if (tree.size() < known.size) {
            known.size = tree.size();
            known.text = fault.detail() + "\n" + tree;
        }
    }

    private String report() {
        StringBuilder text = new StringBuilder("\nRepeat one by -Dtraio.trees.seed=N\n");
        found.forEach((promise, each) -> text.append("\n==== ")
                .append(promise)
                .append(": ")
                .append(each.count)
                .append(" trees, such as ")
                .append(each.seeds)
                .append("\nsmallest: ")
                .append(each.text));
        return text.toString();
    }
}
