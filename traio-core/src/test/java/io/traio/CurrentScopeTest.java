// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.atomic.AtomicInteger;

/** Ways to ask for the current scope. */
@Spec("S10")
class CurrentScopeTest {

    @EngineTest
    void requireCurrent_insideAScope_isThatScope(ScopeFactory scopes) {
        scopes.run("run", scope -> {
            assertThat(Scope.requireCurrent()).isSameAs(scope);
            assertThat(scope.spawn("task", Scope::requireCurrent).join()).isSameAs(scope);
        });
    }

    @EngineTest
    void requireCurrent_outside_saysWhatToDo(ScopeFactory scopes) {
        scopes.run("run", scope -> {});

        assertThatIllegalStateException()
                .isThrownBy(Scope::requireCurrent)
                .withMessageContaining("ScopeFactory.run")
                .withMessageContaining("@InScope");
    }

    @EngineTest
    void peek_scopeThatIsBoundLazily_isNotOpened(ScopeFactory scopes) {
        AtomicInteger opened = new AtomicInteger();
        scopes.run("outer", outer -> {
            try (Scope.Binding binding = Scope.bindLazily(() -> {
                opened.incrementAndGet();
                return outer;
            })) {
                assertThat(binding).isNotNull();
                assertThat(Scope.peek()).contains(outer);
                assertThat(opened).hasValue(0);
                assertThat(Scope.current()).contains(outer);
                assertThat(opened).hasValue(1);
            }
        });
        assertThat(Scope.peek()).isEmpty();
    }
}
