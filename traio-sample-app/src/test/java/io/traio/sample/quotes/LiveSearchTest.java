// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import static io.traio.sample.quotes.SupplierReport.Outcome.CANCELLED;
import static io.traio.sample.quotes.SupplierReport.Outcome.OK;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeSnapshot;
import io.traio.sample.SampleTest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

/** A search is under way: alpha has answered, the others never will. */
@SampleTest
@TestPropertySource(properties = "management.endpoint.scopes.access=unrestricted")
class LiveSearchTest {

    private static final String QUERY =
            "/quotes?from=LHR&to=SYD&timeout=10s&latency.alpha=0s&latency.beta=60s&latency.gamma=60s&latency.delta=60s";

    @Autowired
    private RestTestClient rest;

    @Autowired
    private ScopeFactory scopes;

    private CompletableFuture<ResponseSpec> answer;

    private Scope request;

    private Scope quotes;

    @BeforeEach
    void search() {
        answer = CompletableFuture.supplyAsync(() -> rest.get().uri(QUERY).exchange());
        await().untilAsserted(() -> {
            assertThat(scopes.scopes()).extracting(Scope::name).containsExactly("http.request");
            request = scopes.scopes().get(0);
            List<ScopeSnapshot> searches = request.snapshot().children();
            assertThat(searches).extracting(ScopeSnapshot::name).containsExactly("quotes");
            quotes = scopes.find(searches.get(0).id()).orElseThrow();
            assertThat(suppliers().tasks())
                    .extracting(ScopeSnapshot.TaskSnapshot::name)
                    .containsExactly("beta", "gamma", "delta");
        });
    }

    @AfterEach
    void stop() throws Exception {
        quotes.cancel();
        answer.get(20, SECONDS);
    }

    @Test
    void scopesEndpoint_showsTheSearch() {
        rest.get()
                .uri("/actuator/scopes")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.scopes[0].name")
                .isEqualTo("http.request")
                .jsonPath("$.scopes[0].children[0].id")
                .isEqualTo(Long.toString(quotes.id()))
                .jsonPath("$.scopes[0].children[0].name")
                .isEqualTo("quotes")
                .jsonPath("$.scopes[0].children[0].tasks[0].name")
                .isEqualTo("progress")
                .jsonPath("$.scopes[0].children[0].tasks[0].awaited")
                .isEqualTo(false)
                .jsonPath("$.scopes[0].children[0].children[0].name")
                .isEqualTo("suppliers")
                .jsonPath("$.scopes[0].children[0].children[0].remaining")
                .isNotEmpty()
                .jsonPath("$.scopes[0].children[0].children[0].tasks[*].name")
                .isEqualTo(List.of("beta", "gamma", "delta"))
                .jsonPath("$.scopes[0].children[0].children[0].tasks[0].state")
                .isEqualTo("running")
                .jsonPath("$.scopes[0].children[0].children[0].tasks[0].bubble")
                .isEqualTo(false);
    }

    @Test
    void suppliers_cancelled_searchAnswersWithWhatItHas() throws Exception {
        scopes.find(suppliers().id()).orElseThrow().cancel();

        assertAnsweredByAlphaOnly();
    }

    @Test
    void suppliers_cancelledByAnOperator_searchAnswersWithWhatItHas() throws Exception {
        rest.delete()
                .uri("/actuator/scopes/{id}", suppliers().id())
                .exchange()
                .expectStatus()
                .isNoContent();

        assertAnsweredByAlphaOnly();
    }

    @Test
    void search_cancelled_503() throws Exception {
        quotes.cancel();

        answer.get(20, SECONDS)
                .expectStatus()
                .isEqualTo(HttpStatus.SERVICE_UNAVAILABLE)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.detail")
                .isEqualTo("The search was cancelled");
    }

    @Test
    void search_cancelledByAnOperator_503() throws Exception {
        rest.delete()
                .uri("/actuator/scopes/{id}", quotes.id())
                .exchange()
                .expectStatus()
                .isNoContent();

        answer.get(20, SECONDS).expectStatus().isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
    }

    private void assertAnsweredByAlphaOnly() throws Exception {
        SearchResult result = answer.get(20, SECONDS)
                .expectStatus()
                .isOk()
                .expectBody(SearchResult.class)
                .returnResult()
                .getResponseBody();
        assertThat(result).isNotNull();
        assertThat(result.suppliers())
                .extracting(SupplierReport::outcome)
                .containsExactly(OK, CANCELLED, CANCELLED, CANCELLED);
        assertThat(result.quotes()).extracting(Quote::supplier).containsExactly("alpha");
    }

    private ScopeSnapshot suppliers() {
        List<ScopeSnapshot> children = quotes.snapshot().children();
        assertThat(children).extracting(ScopeSnapshot::name).containsExactly("suppliers");
        return children.get(0);
    }
}
