// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is kept alive by what is over. */
@Timeout(20)
class RetentionTest {

    @Test
    void handle_keptAfterTheEndOfItsScope_doesNotKeepResultsOfOtherTasks() throws InterruptedException {
        List<WeakReference<Object>> others = new ArrayList<>();
        Task<String> kept = ScopeFactory.create().call("scope", scope -> {
            for (int i = 0; i < 10; i++) {
                others.add(new WeakReference<>(scope.spawn(Object::new).join()));
            }
            return scope.spawn(() -> "kept");
        });
        while (others.stream().anyMatch(other -> other.get() != null)) {
            System.gc();
            Thread.sleep(1);
        }
        assertThat(kept.join()).isEqualTo("kept");
    }

    @Test
    void roots_endedAboveOneThatLives_areForgotten() throws InterruptedException {
        try (ScopeFactory scopes = ScopeFactory.create();
                OpenScope live = scopes.openShared("live")) {
            for (int phase = 0; phase < 3; phase++) {
                List<WeakReference<OpenScope>> ended = new ArrayList<>();
                OpenScope last = scopes.openShared("last");
                for (int i = 0; i < 10_000; i++) {
                    // There is always one that lives on top, so that the dead below it have to be looked for.
                    OpenScope next = scopes.openShared("next");
                    last.close();
                    ended.add(new WeakReference<>(last));
                    last = next;
                }
                last.close();
                while (ended.stream().filter(scope -> scope.get() != null).count() > 200) {
                    System.gc();
                    Thread.sleep(1);
                }
            }
            assertThat(scopes.scopes()).hasSize(1);
            assertThat(live.isCancelled()).isFalse();
        }
    }
}
