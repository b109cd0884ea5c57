// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.FactoryOptions;
import io.traio.ScopeOptions;
import io.traio.Spec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each transition is one step: nothing comes between a look at the word and the change of it. */
@Spec("T10")
@Timeout(20)
class AdmissionTest {

    private final ScopeNode scope = sharedScope();

    /** To ask whether a thread is inside takes a moment, in which the last member ends. */
    @Test
    void admit_scopeIsDoneWhileItIsAskedWhoSpawns_takesNoMember() {
        Admission.admit(scope, /* awaited= */ true);
        Admission.beginFinal(scope);

        try (Inside inside = new Inside(scope, () -> Admission.countOut(scope, /* awaited= */ true))) {
            assertThat(Admission.admit(scope, /* awaited= */ true)).isFalse();
            assertThat(inside.asked).isTrue();
        }

        assertThat(scope.isDone()).isTrue();
        assertThat(scope.liveMembers()).isZero();
    }

    @Test
    void admit_anotherIsAdmittedWhileItIsAskedWhoSpawns_bothAreCounted() {
        Admission.admit(scope, /* awaited= */ true);
        Admission.beginFinal(scope);

        try (Inside inside = new Inside(scope, () -> Admission.admit(scope, /* awaited= */ false))) {
            assertThat(Admission.admit(scope, /* awaited= */ true)).isTrue();
            assertThat(inside.asked).isTrue();
        }

        assertThat(scope.liveMembers()).isEqualTo(3);
    }

    /** Its opening has been reported. */
    private static ScopeNode sharedScope() {
        ScopeNode scope = new ScopeHandle(
                new Engine(FactoryOptions.DEFAULT), null, "shared", ScopeOptions.DEFAULT, /* shared= */ true, 0);
        Admission.countOut(scope, /* awaited= */ false);
        return scope;
    }

    /** Puts this thread inside a scope, and runs an action when that is first asked for. */
    private static final class Inside extends BoundFrame {

        private final ScopeNode scope;
        private final Runnable whenAsked;
        boolean asked;

        Inside(ScopeNode scope, Runnable whenAsked) {
            this.scope = scope;
            this.whenAsked = whenAsked;
        }

        @Override
        ScopeNode knownScope() {
            if (!asked) {
                asked = true;
                whenAsked.run();
            }
            return scope;
        }

        @Override
        ScopeNode scope() {
            return scope;
        }

        @Override
        @Nullable
        Throwable closeLeftOpen() {
            return null;
        }
    }
}
