// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworksTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, true",
        "10.255.0.1, true",
        "172.15.255.255, false",
        "172.16.0.0, true",
        "172.31.255.255, true",
        "172.32.0.0, false",
        "192.168.1.1, true",
        "8.8.8.8, false",
        "::1, true",
        "0:0:0:0:0:0:0:1, true",
        "[::1], true",
        "fe80::1%eth0, true",
        "2001:db8::1, false",
        "localhost, false",
        "10.0.0.1.example.com, false",
        "'', false",
        "999.1.1.1, false",
    })
    void address_private_isContained(String address, boolean contained) {
        assertThat(Networks.PRIVATE.contain(address)).isEqualTo(contained);
    }

    @ParameterizedTest
    @CsvSource({"203.0.113.7, true", "203.0.113.8, false", "198.51.100.129, true", "198.51.100.127, false"})
    void address_listed_isContained(String address, boolean contained) {
        assertThat(Networks.of(List.of("203.0.113.7", "198.51.100.128/25")).contain(address))
                .isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0"})
    void range_ofNoBits_hasAllAddressesOfItsKind(String range) {
        assertThat(Networks.of(List.of(range)).contain("203.0.113.7")).isTrue();
        assertThat(Networks.of(List.of(range)).contain("2001:db8::1")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "example.com", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129"})
    void text_neitherAddressNorRange_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Networks.of(List.of(text)))
                .withMessageContaining("\"" + text + "\"");
    }
}
