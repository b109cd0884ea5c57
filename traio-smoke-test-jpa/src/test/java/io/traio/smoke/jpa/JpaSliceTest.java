// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import io.traio.Task;
import io.traio.smoke.jpa.JpaApp.Item;
import io.traio.smoke.jpa.JpaApp.Items;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Without the transaction that the slice puts around a test, and which tasks do not have. */
@DataJpaTest
@DirtiesContext
@Transactional(propagation = Propagation.NOT_SUPPORTED)
class JpaSliceTest {

    @Autowired
    private ScopeFactory scopes;

    @Autowired
    private Items items;

    @Test
    void repository_ofASlice_isCalledByTasks() {
        items.save(new Item(1));
        int found = scopes.call("items", scope -> {
            Task<Item> item = scope.spawn("find", () -> items.findById(1).orElseThrow());
            return item.join().id();
        });
        assertThat(found).isEqualTo(1);
    }
}
