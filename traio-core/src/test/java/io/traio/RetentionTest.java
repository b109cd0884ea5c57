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
}
