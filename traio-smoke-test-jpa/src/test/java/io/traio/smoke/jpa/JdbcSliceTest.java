// SPDX-License-Identifier: Apache-2.0
package io.traio.smoke.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.traio.ScopeFactory;
import io.traio.ScopeTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Without the transaction that the slice puts around a test, and which tasks do not have. */
@JdbcTest
@DirtiesContext
@Transactional(propagation = Propagation.NOT_SUPPORTED)
class JdbcSliceTest {

    private static final String LONG = "select count(*) from system_range(1, 100000) a, system_range(1, 100000) b";

    @Autowired
    private ScopeFactory scopes;

    @Autowired
    private JdbcClient client;

    @Test
    void client_ofASlice_isCalledByTasks() {
        int found = scopes.call(
                "query",
                scope -> scope.spawn(() ->
                                client.sql("select 42").query(Integer.class).single())
                        .join());
        assertThat(found).isEqualTo(42);
    }

    /** A query of H2 in memory ends by a cancel only, not by an interrupt. */
    @Test
    void statement_ofASlice_isCancelledWithItsScope() {
        Throwable thrown = catchThrowable(() -> scopes.run(
                "query",
                s -> s.withTimeout(Duration.ofMillis(500)),
                scope -> scope.spawn(() -> client.sql(LONG).query().singleValue())));
        assertThat(thrown).isInstanceOf(ScopeTimeoutException.class).hasNoSuppressedExceptions();
    }

    /** Has no repositories, whose entities this slice leaves out. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}
}
