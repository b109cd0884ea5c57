// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import static io.traio.sample.quotes.SupplierReport.Outcome.CANCELLED;
import static io.traio.sample.quotes.SupplierReport.Outcome.FAILED;
import static io.traio.sample.quotes.SupplierReport.Outcome.OK;
import static io.traio.sample.quotes.SupplierReport.Outcome.TIMED_OUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.traio.sample.SampleTest;
import io.traio.sample.suppliers.SupplierServer;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.BodyContentSpec;

/** A timeout of 10 s stands for "long enough on any machine", a latency of 60 s for "never". */
@SampleTest
class QuotesTest {

    @Autowired
    private RestTestClient rest;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private SupplierServer suppliers;

    @Test
    void quotes_allAnswer_orderedByPrice() {
        SearchResult result = search("timeout=10s");

        assertThat(result.quotes())
                .extracting(Quote::supplier)
                .containsExactlyInAnyOrder("alpha", "beta", "gamma", "delta");
        assertThat(result.quotes()).extracting(Quote::price).isSorted().allMatch(price -> price.scale() == 2);
        assertThat(result.quotes()).extracting(Quote::currency).containsOnly("EUR");
        assertThat(result.suppliers())
                .extracting(SupplierReport::supplier, SupplierReport::outcome)
                .containsExactly(tuple("alpha", OK), tuple("beta", OK), tuple("gamma", OK), tuple("delta", OK));
        assertThat(result.suppliers())
                .allSatisfy(report -> assertThat(report.millis()).isPositive().isLessThanOrEqualTo(result.millis()));
    }

    @Test
    void quotes_askedTwice_samePrices() {
        assertThat(search("timeout=10s").quotes())
                .isEqualTo(search("timeout=10s").quotes());
    }

    @Test
    void quotes_slowSupplier_costsTheTimeoutAndIsHungUpOn() {
        int hangUps = suppliers.hangUps("beta");

        SearchResult result = search("timeout=3s&latency.beta=60s");

        assertThat(result.suppliers()).extracting(SupplierReport::outcome).containsExactly(OK, TIMED_OUT, OK, OK);
        assertThat(result.quotes()).extracting(Quote::supplier).doesNotContain("beta");
        assertThat(result.millis()).isBetween(3_000L, 20_000L);
        await().untilAsserted(() -> assertThat(suppliers.hangUps("beta")).isEqualTo(hangUps + 1));
        await().untilAsserted(() -> assertThat(suppliers.callsUnderWay()).isZero());
    }

    @Test
    void quotes_failedSupplier_isReportedAndTheRestAnswer() {
        SearchResult result = search("timeout=10s&fail=gamma");

        assertThat(result.suppliers()).extracting(SupplierReport::outcome).containsExactly(OK, OK, FAILED, OK);
        assertThat(result.suppliers().get(2).detail()).contains("503").contains("gamma is out of order");
        assertThat(result.quotes()).extracting(Quote::supplier).containsExactlyInAnyOrder("alpha", "beta", "delta");
    }

    @Test
    void quotes_enough_cancelsTheOthers() {
        int hangUps = suppliers.hangUps("delta");

        SearchResult result = search("timeout=10s&enough=2&latency.alpha=60s&latency.delta=60s");

        assertThat(result.suppliers())
                .extracting(SupplierReport::outcome)
                .containsExactly(CANCELLED, OK, OK, CANCELLED);
        await().untilAsserted(() -> assertThat(suppliers.hangUps("delta")).isEqualTo(hangUps + 1));
    }

    @Test
    void quotes_overTheWire_readsAsDocumented() {
        rest.get()
                .uri("/quotes?from=par&to=nrt&timeout=2s&latency.alpha=60s&fail=beta&fail=gamma")
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentType(MediaType.APPLICATION_JSON)
                .expectBody()
                .jsonPath("$.search")
                .isNumber()
                .jsonPath("$.from")
                .isEqualTo("PAR")
                .jsonPath("$.to")
                .isEqualTo("NRT")
                .jsonPath("$.quotes[0].supplier")
                .isEqualTo("delta")
                .jsonPath("$.quotes[0].price")
                .isNumber()
                .jsonPath("$.suppliers[0].outcome")
                .isEqualTo("timed out")
                .jsonPath("$.suppliers[0].detail")
                .doesNotExist()
                .jsonPath("$.suppliers[1].outcome")
                .isEqualTo("failed")
                .jsonPath("$.suppliers[1].detail")
                .isNotEmpty()
                .jsonPath("$.suppliers[3].outcome")
                .isEqualTo("ok")
                .jsonPath("$.millis")
                .isNumber();
    }

    @Test
    void quotes_found_areKept() {
        SearchResult result = search("timeout=10s&fail=alpha");

        assertThat(jdbc.sql("select supplier, price, currency from quote where search_id = ? order by price")
                        .param(result.search())
                        .query(Quote.class)
                        .list())
                .isEqualTo(result.quotes());
        assertThat(jdbc.sql("select origin || destination || timeout_millis from search "
                                + "where id = ? and finished_at >= started_at")
                        .param(result.search())
                        .query(String.class)
                        .list())
                .containsExactly("PARNRT10000");
    }

    @Test
    void quotes_allDown_503() {
        BodyContentSpec body = problem("from=PAR&to=NRT&timeout=10s&fail=alpha,beta&fail=gamma,delta", 503);

        body.jsonPath("$.detail").isEqualTo("No supplier has given a quote");
        body.jsonPath("$.suppliers[*].outcome").isEqualTo(List.of("failed", "failed", "failed", "failed"));
    }

    @Test
    void quotes_allTooSlow_503() {
        String never = "latency.alpha=60s&latency.beta=60s&latency.gamma=60s&latency.delta=60s";

        problem("from=PAR&to=NRT&timeout=100ms&" + never, 503)
                .jsonPath("$.suppliers[*].outcome")
                .isEqualTo(List.of("timed out", "timed out", "timed out", "timed out"));
    }

    @Test
    void quotes_timeoutTooShortToStart_503() {
        problem("from=PAR&to=NRT&timeout=1ns", 503)
                .jsonPath("$.suppliers.length()")
                .isEqualTo(4);
    }

    @Test
    void quotes_noneFound_searchIsKept() {
        Duration unique = Duration.ofMillis(9_876);

        problem("from=PAR&to=NRT&fail=alpha,beta,gamma,delta&timeout=" + unique.toMillis() + "ms", 503);

        assertThat(jdbc.sql("select count(*) from search where timeout_millis = ? and finished_at is not null")
                        .param(unique.toMillis())
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "from=PAR&to=XXX, 'to' is 'XXX'",
                "from=&to=NRT, 'from' is ''",
                "to=NRT, 'from' is missing",
                "from=PAR, 'to' is missing",
                "from=PAR&to=PAR, nowhere to fly",
                "from=PAR&to=NRT&enough=0, 'enough' is '0'",
                "from=PAR&to=NRT&enough=5, 'enough' is '5'",
                "from=PAR&to=NRT&enough=two, 'enough' is 'two'",
                "from=PAR&to=NRT&fail=omega, no supplier 'omega'",
                "from=PAR&to=NRT&latency.=1s, no supplier ''",
                "from=PAR&to=NRT&latency.beta=-1s, 'latency.beta' is '-1s'",
                "from=PAR&to=NRT&latency.beta=61s, 'latency.beta' is '61s'",
                "from=PAR&to=NRT&latency.beta=soon, 'latency.beta' is 'soon'",
                "from=PAR&to=NRT&tmeout=1s, no parameter 'tmeout'"
            })
    void quotes_badParameter_400(String query, String what) {
        problem(query, 400)
                .jsonPath("$.detail")
                .value(String.class, detail -> assertThat(detail).contains(what));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "0ms",
                "PT0S",
                "-1s",
                "10001ms",
                "1h",
                "9223372036854775807s",
                "9223372036854775807d",
                "99999999999999999999ms",
                "fast",
                "800 ms",
                "1.5s",
                ""
            })
    void quotes_badTimeout_400(String timeout) {
        problem("from=PAR&to=NRT&timeout=" + timeout, 400)
                .jsonPath("$.detail")
                .value(String.class, detail -> assertThat(detail).contains("'timeout' is '" + timeout + "'"));
    }

    @Test
    void prices_areDecimal() {
        assertThat(search("timeout=10s").quotes())
                .filteredOn(quote -> quote.supplier().equals("alpha"))
                .extracting(Quote::price)
                .containsExactly(new BigDecimal("610.56"));
    }

    private SearchResult search(String query) {
        SearchResult result = rest.get()
                .uri("/quotes?from=PAR&to=NRT&" + query)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(SearchResult.class)
                .returnResult()
                .getResponseBody();
        assertThat(result).isNotNull();
        return result;
    }

    private BodyContentSpec problem(String query, int status) {
        return rest.get()
                .uri("/quotes?" + query)
                .exchange()
                .expectStatus()
                .isEqualTo(HttpStatus.valueOf(status))
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(status)
                .jsonPath("$.instance")
                .isEqualTo("/quotes");
    }
}
