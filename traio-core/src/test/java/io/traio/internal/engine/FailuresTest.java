// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.FactoryOptions;
import io.traio.ScopeOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many failures of a scope are kept, and on what they hang when its exit throws (S8). */
@Timeout(20)
class FailuresTest {

    private static final int KEPT = 32;
    /** An exception that is thrown again and again does not grow beyond this. */
    private static final int MOST_SUPPRESSED = KEPT + 8;

    private final Failures failures = new Failures();
    private final Exception primary = new Exception("primary");

    @Test
    void suppressInto_asManyAsAreKept_hangsThemInOrder() {
        List<Throwable> added = add(KEPT);

        assertThat(failures.suppressInto(primary, "scope")).isEmpty();
        assertThat(primary.getSuppressed()).containsExactlyElementsOf(added);
    }

    @Test
    void suppressInto_moreThanAreKept_countsTheRest() {
        List<Throwable> added = add(KEPT + 2);

        assertThat(failures.suppressInto(primary, "scope")).isEmpty();
        assertThat(primary.getSuppressed())
                .hasSize(KEPT + 1)
                .startsWith(added.subList(0, KEPT).toArray(Throwable[]::new));
        assertThat(primary.getSuppressed()[KEPT]).hasMessage("scope: 2 more failures, not kept");
    }

    @Test
    void suppressInto_withoutPrimary_leavesAllAndTheCount() {
        List<Throwable> added = add(KEPT + 1);

        List<Throwable> left = failures.suppressInto(null, "scope");

        assertThat(left.subList(0, KEPT)).isEqualTo(added.subList(0, KEPT));
        assertThat(left.get(KEPT)).hasMessage("scope: 1 more failures, not kept");
        assertThat(left).hasSize(KEPT + 1);
    }

    @Test
    void suppressInto_primaryThatHoldsNone_leavesAll() {
        Exception closed = new Exception("closed", null, /* enableSuppression= */ false, true) {
            private static final long serialVersionUID = 1L;
        };
        List<Throwable> added = add(3);

        assertThat(failures.suppressInto(closed, "scope")).isEqualTo(added);
    }

    @Test
    void suppressInto_constantThatHasGrown_leavesTheRest() {
        for (int i = 1; i < MOST_SUPPRESSED; i++) {
            primary.addSuppressed(new Exception("before " + i));
        }
        List<Throwable> added = add(2);

        assertThat(failures.suppressInto(primary, "scope")).containsExactly(added.get(1));
        assertThat(primary.getSuppressed()).hasSize(MOST_SUPPRESSED).endsWith(added.get(0));
    }

    @Test
    void suppressInto_constantThatHasGrown_holdsOneCount() {
        for (int i = 0; i < MOST_SUPPRESSED; i++) {
            primary.addSuppressed(new Exception("before " + i));
        }
        add(KEPT + 1);

        assertThat(failures.suppressInto(primary, "scope")).hasSize(KEPT);
        assertThat(primary.getSuppressed()).hasSize(MOST_SUPPRESSED + 1);
        assertThat(failures.suppressInto(primary, "scope")).hasSize(KEPT + 1);
        assertThat(primary.getSuppressed()).hasSize(MOST_SUPPRESSED + 1);
    }

    @Test
    void suppressInto_primaryItself_isNeitherHungNorLeft() {
        failures.add(primary);

        assertThat(failures.suppressInto(primary, "scope")).isEmpty();
        assertThat(primary.getSuppressed()).isEmpty();
    }

    @Test
    void suppressInto_otherThatWrapsThePrimary_isLeft() {
        Exception wrapper = new Exception("wrapper", primary);
        failures.add(wrapper);

        assertThat(failures.suppressInto(primary, "scope")).containsExactly(wrapper);
        assertThat(primary.getSuppressed()).isEmpty();
    }

    @Test
    void add_sameInstanceTwice_isKeptOnce() {
        Throwable failure = add(1).get(0);
        failures.add(failure);

        assertThat(failures.suppressInto(null, "scope")).containsExactly(failure);
    }

    @Test
    void firstToThrow_severalAdded_isTheFirst() {
        assertThat(failures.firstToThrow()).isNull();
        failures.addToThrow(primary, "task");
        failures.addToThrow(new Exception("second"), null);

        assertThat(failures.firstToThrow()).isEqualTo(new Failures.Failed(primary, "task"));
        assertThat(failures.suppressInto(null, "scope")).hasSize(2);
    }

    @Test
    void holds_whatIsKeptOrWrapped_andNothingElse() {
        Exception inner = new Exception("inner");
        failures.add(primary);
        failures.add(new Exception("wrapper", inner));

        assertThat(failures.holds(primary)).isTrue();
        assertThat(failures.holds(inner)).isTrue();
        assertThat(failures.holds(new Exception("other"))).isFalse();
    }

    @Test
    void addSuppressed_ofTheNews_keepsFailuresAndNoSignals() {
        ScopeNode scope = new ScopeHandle(
                new Engine(FactoryOptions.DEFAULT), null, "scope", ScopeOptions.DEFAULT, /* shared= */ true, 0);
        InterruptedException signal = new InterruptedException("news");
        signal.addSuppressed(new InterruptedException("more of it"));
        signal.addSuppressed(primary);

        Failures.addSuppressed(scope, signal);

        assertThat(Failures.of(scope).suppressInto(null, "scope")).containsExactly(primary);
    }

    private List<Throwable> add(int count) {
        List<Throwable> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Exception failure = new Exception("failure " + i);
            added.add(failure);
            failures.add(failure);
        }
        return added;
    }
}
