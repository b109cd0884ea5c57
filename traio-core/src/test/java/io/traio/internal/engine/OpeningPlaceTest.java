// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.LeakDetection;
import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.Integration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What place is named for a scope that was never closed. */
@Timeout(20)
class OpeningPlaceTest {

    private static final int TIMES = 3_000;

    private final ScopeFactory scopes = ScopeFactory.create(
            f -> f.withIntegrationPackage("io.traio.spring.").withLeakDetection(LeakDetection.ALL));

    @Test
    void place_scopeOpenedByAnIntegration_isThatOfItsUser() {
        OpenScope scope = Integration.open(scopes);
        String place = ((ScopeNode) scope).whereOpened();
        scope.close();

        assertThat(place).startsWith("at io.traio.internal.engine.OpeningPlaceTest.place_scopeOpenedByAnIntegration");
    }

    @Test
    void place_scopeOpenedByALazyBinding_isWhereItWasAskedFor() {
        OpenScope scope;
        try (Scope.Binding binding = Scope.bindLazily(Integration.opener(scopes))) {
            assertThat(binding).isNotNull();
            scope = (OpenScope) Scope.current().orElseThrow();
        }
        String place = ((ScopeNode) scope).whereOpened();
        scope.close();

        assertThat(place).startsWith("at io.traio.internal.engine.OpeningPlaceTest.place_scopeOpenedByALazyBinding");
    }

    /** One in 128: that of 3,000 none is, or half of them are, is less likely than one in a thousand million. */
    @Test
    void place_isSampled_someAreRecorded() {
        int recorded = recorded(LeakDetection.SAMPLED);
        assertThat(recorded).isBetween(1, TIMES / 2);
    }

    @Test
    void place_detectionIsOffOrForAll_noneOrAllAreRecorded() {
        assertThat(recorded(LeakDetection.OFF)).isZero();
        assertThat(recorded(LeakDetection.ALL)).isEqualTo(TIMES);
    }

    private static int recorded(LeakDetection level) {
        int recorded = 0;
        try (ScopeFactory some = ScopeFactory.create(f -> f.withLeakDetection(level))) {
            for (int i = 0; i < TIMES; i++) {
                OpenScope scope = i % 2 == 0 ? some.open("open") : some.openShared("shared");
                recorded += ((ScopeNode) scope).whereOpened().contains("OpeningPlaceTest") ? 1 : 0;
                scope.close();
            }
        }
        return recorded;
    }
}
