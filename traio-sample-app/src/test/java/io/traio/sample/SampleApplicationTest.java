// SPDX-License-Identifier: Apache-2.0
package io.traio.sample;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ApplicationContext;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
class SampleApplicationTest {

    @Autowired
    private ApplicationContext context;

    @Test
    void application_starts() {
        assertThat(context.getBean(SampleApplication.class)).isNotNull();
    }
}
