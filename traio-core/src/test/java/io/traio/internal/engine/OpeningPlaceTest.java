// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.Integration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What place is named for a scope that was never closed. */
@Timeout(20)
class OpeningPlaceTest {

    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withIntegrationPackage("io.traio.spring."));

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
}
