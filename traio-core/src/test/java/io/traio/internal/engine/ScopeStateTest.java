// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.FactoryOptions;
import io.traio.ScopeOptions;
import io.traio.Spec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each transition is one step: nothing comes between a look at the word and the change of it. */
@Spec("T10")
@Timeout(20)
class ScopeStateTest {

    /** To ask whether a thread is inside takes a moment, in which the last member ends. */
    @Test
    void admit_scopeIsDoneWhileItIsAskedWhoSpawns_takesNoMember() {
        Fake scope = new Fake();
        scope.admit(/* awaited= */ true);
        scope.beginFinal();
        scope.whenAsked = () -> scope.countOut(/* awaited= */ true);

        assertThat(scope.admit(/* awaited= */ true)).isFalse();
        assertThat(scope.isDone()).isTrue();
        assertThat(scope.liveMembers()).isZero();
    }

    @Test
    void admit_anotherIsAdmittedWhileItIsAskedWhoSpawns_bothAreCounted() {
        Fake scope = new Fake();
        scope.admit(/* awaited= */ true);
        scope.beginFinal();
        scope.whenAsked = () -> scope.admit(/* awaited= */ false);

        assertThat(scope.admit(/* awaited= */ true)).isTrue();
        assertThat(scope.liveMembers()).isEqualTo(3);
    }

    private static final class Fake extends ScopeState {

        /** Called once. */
        Runnable whenAsked = () -> {};

        /** Its opening has been reported. */
        Fake() {
            super(new Engine(FactoryOptions.DEFAULT), null, "fake", ScopeOptions.DEFAULT, /* shared= */ true, 0);
            countOut(/* awaited= */ false);
        }

        @Override
        boolean isInside() {
            Runnable now = whenAsked;
            whenAsked = () -> {};
            now.run();
            return true;
        }

        @Override
        void cancelFromAbove() {
            throw new AssertionError("not to be cancelled");
        }

        @Override
        boolean isDead() {
            return isDone();
        }

        @Override
        String kind() {
            return "fake";
        }

        @Override
        boolean interruptible() {
            return false;
        }
    }
}
