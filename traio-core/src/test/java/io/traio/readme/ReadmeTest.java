// SPDX-License-Identifier: Apache-2.0
package io.traio.readme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.traio.ScopeFactory;
import io.traio.readme.ReadmeSamples.Connection;
import io.traio.readme.ReadmeSamples.Page;
import io.traio.readme.ReadmeSamples.ProfileUnavailableException;
import io.traio.readme.ReadmeSamples.Quote;
import io.traio.readme.ReadmeSamples.Route;
import io.traio.readme.ReadmeSamples.Trip;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The Java code of the README and of much of the guide does what it says. {@code SnippetsTest} compares it with the pages. */
class ReadmeTest {

    private final ScopeFactory scopes = ScopeFactory.create();
    private final ReadmeSamples samples = new ReadmeSamples(scopes);

    @AfterEach
    void close() {
        scopes.close();
    }

    @Test
    void cheapest_takesTheLowerPrice() {
        assertThat(samples.cheapest(new Route("PAR", "NRT"))).isEqualTo(new Quote("beta", 650));
    }

    @Test
    void spawnToJoin_failureIsHandledWhereItIsJoined() {
        Route route = new Route("PAR", "NRT");
        for (int round = 0; round < 200; round++) {
            assertThat(new ReadmeSamples(scopes, -1).cheapestOfThoseThatAreUp(route))
                    .isEqualTo(new Quote("alpha", 700));
        }
        assertThat(samples.cheapestOfThoseThatAreUp(route)).isEqualTo(new Quote("beta", 650));
    }

    @Test
    void await_throwsTheFailureWhereItIsHandled() {
        assertThat(samples.profileOrAnonymous(
                        user -> {
                            throw new ProfileUnavailableException();
                        },
                        "ada"))
                .isEqualTo("anonymous");
        assertThat(samples.profileOrAnonymous(user -> "profile of " + user, "ada"))
                .isEqualTo("profile of ada");
    }

    @Test
    void operators_giveTheirResults() {
        assertThat(samples.operators(new Route("PAR", "NRT"), "7", List.of("a", "b")))
                .element(0, type(Quote.class))
                .returns(true, quote -> quote.price() < 1000);
        assertThat(samples.operators(new Route("PAR", "NRT"), "7", List.of("a", "b")))
                .contains(new Trip("flight 7", "hotel 7"), List.of(new Page("a"), new Page("b")))
                .endsWith(new Quote("alpha", 700));
        assertThat(samples.connect()).isEqualTo(new Connection("primary"));
    }

    @Test
    void tryCall_givesAResult() {
        assertThat(samples.bestOrNone(new Route("PAR", "NRT"))).isEqualTo(new Quote("beta", 650));
    }

    @Test
    void threeWaysToOpen_runAllTasks() {
        samples.withBody(List.of(Path.of("a.csv"), Path.of("b.csv")));
        samples.asResource();
        samples.shared();
        samples.currentScope(List.of("1", "2", "3"));

        assertThat(samples.done())
                .containsExactlyInAnyOrder("a.csv", "b.csv", "europe", "asia", "client-1", "client-2", "1", "2", "3");
    }

    @Test
    void start_waitsUntilTheServerListens() {
        samples.start();

        assertThat(samples.done()).anyMatch(what -> what.matches("connects to [1-9]\\d*"));
    }

    @Test
    void shield_cleansUpThoughCancelled() {
        samples.cancelledTransfer("savings");

        assertThat(samples.done()).containsExactlyInAnyOrder("released savings", "notified savings");
    }

    @Test
    void resources_areReleasedAfterTheLastTask() {
        samples.resources();

        assertThat(samples.done()).containsExactly("written: truefalse", "report done", "session closed");
    }

    @Test
    void hook_cancelsTheQuery() {
        samples.cancelledQuery();

        assertThat(samples.done()).containsExactly("query cancelled", "query ended: true");
    }

    @Test
    void limiter_letsAllTasksRun() {
        samples.limiter(List.of("1", "2", "3"));

        assertThat(samples.done()).containsExactlyInAnyOrder("queried 1", "queried 2", "queried 3");
    }

    @Test
    void testClock_bringsTheTimeout() {
        ReadmeSamples.testClock();
    }
}
