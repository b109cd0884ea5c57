// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.EngineTest;
import io.traio.OpenScope;
import io.traio.OtherRuntime;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeOptions.Overflow;
import io.traio.Spec;
import io.traio.Task;
import io.traio.spi.ScopeListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No memory is left for a task that has been counted in: the scope can end without it. */
@Spec({"T11", "T13"})
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OutOfMemoryTest {

    @Test
    void spawn_noMemoryIsLeftForTheTask_scopeEnds() throws Exception {
        assertThat(fullHeap(/* limited= */ false)).contains("out of memory: true", "has ended: true");
    }

    @Test
    void spawn_noMemoryIsLeftForTheTaskInAScopeWithALimit_itsPlaceIsFreeAndScopeEnds() throws Exception {
        assertThat(fullHeap(/* limited= */ true))
                .contains("out of memory: true", "takes again: " + FullHeap.LIMIT, "has ended: true");
    }

    private static String fullHeap(boolean limited) throws Exception {
        return OtherRuntime.run(FullHeap.class, List.of("-Xmx8m", "-XX:+UseSerialGC"), String.valueOf(limited));
    }

    /** What is lost was the only member: nobody else comes to count it out. */
    @EngineTest
    void complete_onlyMemberWasLost_scopeEnds(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("scope");
        FullHeap.loseMember(scope);
        scope.complete();

        scope.awaitDone();
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
    }

    @EngineTest
    void close_onlyMemberWasLost_scopeEnds(ScopeFactory scopes) {
        OpenScope scope = scopes.openShared("scope");
        FullHeap.loseMember(scope);

        scope.close();
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
    }

    /** Runs in a small process, whose memory is used up as soon as a task has been counted in. */
    static final class FullHeap implements ScopeListener {

        static final int LIMIT = 100;

        private static final int BLOCK = 16 * 1024;

        private final Queue<Runnable> commands = new ArrayDeque<>(10 * LIMIT);
        private final Random random = new Random(1);
        private int notified;
        private boolean filling;
        private Object @Nullable [] chain;

        public static void main(String[] args) {
            boolean limited = Boolean.parseBoolean(args[0]);
            FullHeap heap = new FullHeap();
            ScopeFactory scopes = ScopeFactory.create(f ->
                    f.withExecutor(heap.commands::add).withCompensation(false).withListener(heap));
            // Once before, to load the classes and link the calls.
            for (boolean full : new boolean[] {false, true}) {
                OpenScope scope = scopes.openShared(
                        "scope", s -> limited ? s.withMaxConcurrency(LIMIT).withOverflow(Overflow.REJECT) : s);
                if (!full) {
                    loseMember(scope);
                }
                String report = heap.use(full, scope);
                System.out.println(full ? report : "");
            }
            System.exit(0);
        }

        /** As a spawn does that has no memory or stack left for more. */
        static void loseMember(Scope scope) {
            ScopeNode node = (ScopeNode) scope;
            Admission.admit(node, /* awaited= */ true);
            node.lost += Admission.LOST_AWAITED;
        }

        private String use(boolean full, OpenScope scope) {
            filling = full;
            int taken = spawn(scope);
            filling = false;
            runCommands();
            int takenAgain = spawn(scope);
            runCommands();
            scope.complete();
            boolean ended = scope.awaitDone(Duration.ofSeconds(10));
            return "out of memory: " + (taken < LIMIT) + ", takes again: " + takenAgain + ", has ended: " + ended;
        }

        /** Tries so often that memory is needed at each place in question. */
        private int spawn(Scope scope) {
            int taken = 0;
            for (int i = 0; i < LIMIT; i++) {
                try {
                    taken += scope.trySpawn("task", () -> 1, t -> t.withBubble(false))
                                    .isPresent()
                            ? 1
                            : 0;
                } catch (OutOfMemoryError e) {
                    // It is not taken.
                }
                chain = null;
            }
            return taken;
        }

        private void runCommands() {
            for (Runnable next = commands.poll(); next != null; next = commands.poll()) {
                next.run();
            }
        }

        @Override
        public void taskSpawned(Task<?> task) {
            // Later not always: those that live make the list of members grow.
            if (filling && (notified++ < LIMIT / 2 || random.nextInt(4) > 0)) {
                fill(BLOCK);
                fill(1);
            }
        }

        private void fill(int length) {
            try {
                for (; ; ) {
                    @Nullable Object[] next = new @Nullable Object[length];
                    next[0] = chain;
                    chain = next;
                }
            } catch (OutOfMemoryError full) {
                // As it is to be.
            }
        }
    }
}
