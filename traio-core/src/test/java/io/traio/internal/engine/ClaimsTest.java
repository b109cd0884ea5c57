// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.ScopeFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many wait for the outcome of a node. */
@Timeout(20)
class ClaimsTest {

    private static final int MORE_THAN_CAN_BE_COUNTED = 1 << 18;

    @Test
    void claims_areHandedBack_nodeIsNotClaimed() {
        try (ScopeFactory scopes = ScopeFactory.create();
                OpenScope scope = scopes.openShared("scope")) {
            ScopeNode node = (ScopeNode) scope;
            for (int i = 0; i < 1_000; i++) {
                assertThat(node.claim()).isTrue();
                assertThat(node.isClaimed()).isTrue();
            }
            for (int i = 0; i < 1_000; i++) {
                assertThat(node.unclaim()).isTrue();
            }

            assertThat(node.isClaimed()).isFalse();
        }
    }

    @Test
    void claims_areMoreThanCanBeCounted_nodeStaysClaimedAndAsItIs() {
        try (ScopeFactory scopes = ScopeFactory.create();
                OpenScope scope = scopes.openShared("scope")) {
            ScopeNode node = (ScopeNode) scope;
            int flags = node.bits();
            for (int i = 0; i < MORE_THAN_CAN_BE_COUNTED; i++) {
                node.claim();
                if (!node.isClaimed()) {
                    throw new AssertionError("Not claimed after " + (i + 1) + " claims");
                }
            }
            for (int i = 0; i < MORE_THAN_CAN_BE_COUNTED; i++) {
                node.unclaim();
            }

            assertThat(node.isClaimed()).isTrue();
            assertThat(node.bits() & Node.CLAIM - 1).isEqualTo(flags);
        }
    }
}
