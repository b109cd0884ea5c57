// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.sample.SampleTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.web.servlet.client.RestTestClient;

@SampleTest
class HistoryTest {

    @Autowired
    private RestTestClient rest;

    @Test
    void searches_afterASearch_haveItFirst() {
        rest.get()
                .uri("/quotes?from=NRT&to=PAR&timeout=10s")
                .exchange()
                .expectStatus()
                .isOk();

        Overview overview = rest.get()
                .uri("/searches")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(Overview.class)
                .returnResult()
                .getResponseBody();

        assertThat(overview).isNotNull();
        assertThat(overview.latest()).hasSizeBetween(1, 10).anySatisfy(search -> {
            assertThat(search.origin()).isEqualTo("NRT");
            assertThat(search.destination()).isEqualTo("PAR");
            assertThat(search.quotes()).isEqualTo(4);
        });
        assertThat(overview.cheapest())
                .isNotEmpty()
                .allSatisfy(supplier -> assertThat(supplier.times()).isPositive());
    }
}
