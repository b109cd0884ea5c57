// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadlineHostsTest {

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8080/x, true",
        "http://inventory/x, true",
        "http://inventory.prod.svc.cluster.local/x, true",
        "http://INVENTORY.Internal/x, true",
        "http://10.1.2.3/x, true",
        "'http://[::1]:8080/x', true",
        "http://8.8.8.8/x, false",
        "'http://[2001:db8::1]/x', false",
        "https://api.example.com/x, false",
        "https://local.example.com/x, false",
        "mailto:someone, false",
    })
    void host_notListed_getsTheDeadlineIfItIsOfTheOwnNetwork(URI uri, boolean notified) {
        assertThat(new DeadlineHosts(List.of()).contain(uri)).isEqualTo(notified);
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example.com/x, true",
        "https://API.example.com/x, true",
        "https://other.example.com/x, false",
        "https://example.org/x, true",
        "https://a.b.example.org/x, true",
        "https://notexample.org/x, false",
    })
    void host_listed_getsTheDeadline(URI uri, boolean notified) {
        assertThat(new DeadlineHosts(List.of("Api.example.com", ".example.org")).contain(uri))
                .isEqualTo(notified);
    }

    @Test
    void host_all_getsTheDeadline() {
        assertThat(new DeadlineHosts(List.of("*")).contain(URI.create("https://example.com")))
                .isTrue();
    }
}
