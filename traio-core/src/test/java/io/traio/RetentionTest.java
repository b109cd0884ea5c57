// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is kept alive by what is over. */
@Timeout(60)
class RetentionTest {

    @Test
    void handle_keptAfterTheEndOfItsScope_doesNotKeepResultsOfOtherTasks() {
        List<WeakReference<Object>> others = new ArrayList<>();
        Task<String> kept = ScopeFactory.create().call("scope", scope -> {
            for (int i = 0; i < 10; i++) {
                others.add(new WeakReference<>(scope.spawn(Object::new).join()));
            }
            return scope.spawn(() -> "kept");
        });
        Blocking.until("the results are forgotten", () -> {
            System.gc();
            return others.stream().allMatch(other -> other.get() == null);
        });
        assertThat(kept.join()).isEqualTo("kept");
    }

    @Test
    void roots_endedAboveOneThatLives_areForgotten() {
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
                Blocking.until("the ended scopes are forgotten", () -> {
                    System.gc();
                    return ended.stream().filter(scope -> scope.get() != null).count() <= 200;
                });
            }
            assertThat(scopes.scopes()).hasSize(1);
            assertThat(live.isCancelled()).isFalse();
        }
    }
}
