// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.internal.engine.ScopeWord.Change;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transitions of a scope as a table, without threads. */
class ScopeWordTest {

    private static final long LIVE = ScopeWord.member(/* awaited= */ false);
    private static final long AWAITED = ScopeWord.member(/* awaited= */ true);

    private static long flags(String names) {
        long flags = 0;
        for (String name : names.split(" ")) {
            flags |= switch (name) {
                case "FINAL" -> ScopeWord.FINAL;
                case "ENDING" -> ScopeWord.ENDING;
                case "DONE" -> ScopeWord.DONE;
                default -> 0;
            };
        }
        return flags;
    }

    @ParameterizedTest(name = "{0} background and {1} awaited, {2}: {3} and {4} leave, set {5}: {6}, {7}")
    @CsvSource({
        // background, awaited, flags, background that leave, awaited that leave, flags that are set, flags after,
        // change
        "0, 2, -,            0, 1, -,      -,                 NOTHING",
        "0, 1, -,            0, 1, -,      -,                 MEMBER_OUT",
        "1, 1, -,            0, 1, -,      -,                 NOTHING",
        "0, 1, -,            0, 1, FINAL,  FINAL ENDING DONE, DONE",
        "1, 1, -,            0, 1, FINAL,  FINAL ENDING,      ONLY_BACKGROUND_LIVES",
        "0, 2, -,            0, 1, FINAL,  FINAL,             NOTHING",
        "0, 0, -,            0, 0, FINAL,  FINAL ENDING DONE, DONE",
        "1, 0, -,            0, 0, FINAL,  FINAL ENDING,      ONLY_BACKGROUND_LIVES",
        "0, 1, -,            0, 0, FINAL,  FINAL,             NOTHING",
        "0, 1, FINAL,        0, 1, -,      FINAL ENDING DONE, DONE",
        "1, 1, FINAL,        0, 1, -,      FINAL ENDING,      ONLY_BACKGROUND_LIVES",
        "1, 1, FINAL,        1, 0, -,      FINAL,             NOTHING",
        "1, 1, -,            0, 0, ENDING, ENDING,            NOTHING",
        "0, 0, -,            0, 0, ENDING, ENDING DONE,       DONE",
        "1, 0, FINAL ENDING, 1, 0, -,      FINAL ENDING DONE, DONE",
        "2, 0, FINAL ENDING, 1, 0, -,      FINAL ENDING,      MEMBER_OUT",
        "1, 0, ENDING,       0, 0, DONE,   ENDING DONE,       DONE",
        "1, 0, ENDING DONE,  1, 0, -,      ENDING DONE,       MEMBER_OUT",
    })
    void transition(
            int background,
            int awaited,
            String flags,
            int backgroundThatLeave,
            int awaitedThatLeave,
            String set,
            String expectedFlags,
            Change expected) {
        long before = background * LIVE + awaited * AWAITED | flags(flags);
        long after = ScopeWord.after(before, -(backgroundThatLeave * LIVE + awaitedThatLeave * AWAITED), flags(set));

        assertThat(ScopeWord.live(after)).isEqualTo(background + awaited - backgroundThatLeave - awaitedThatLeave);
        assertThat(ScopeWord.awaited(after)).isEqualTo(awaited - awaitedThatLeave);
        assertThat(after & (ScopeWord.FINAL | ScopeWord.ENDING | ScopeWord.DONE))
                .isEqualTo(flags(expectedFlags));
        assertThat(ScopeWord.change(before, after, flags(set))).isEqualTo(expected);
    }
}
