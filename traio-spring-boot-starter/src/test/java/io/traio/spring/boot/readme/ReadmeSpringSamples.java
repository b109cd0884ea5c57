// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.readme;

import static java.util.Comparator.naturalOrder;

import io.traio.Scope;
import io.traio.Task;
import io.traio.spring.boot.inscope.InScope;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The Spring code of the README and of docs/guide/requests.md, in beans around it. */
@Configuration(proxyBeanMethods = false)
@Import({ReadmeSpringSamples.Trips.class, ReadmeSpringSamples.Quotes.class})
class ReadmeSpringSamples {

    record Trip(String flight, String hotel) {}

    @FunctionalInterface
    interface Finder {
        String find(String id);
    }

    @Bean
    Finder finder() {
        return id -> id + " in " + Scope.requireCurrent().name();
    }

    @RestController
    static class Trips {

        private final Scope request;
        private final Finder flights;
        private final Finder hotels;

        Trips(Scope request, Finder finder) {
            this.request = request;
            this.flights = finder;
            this.hotels = finder;
        }

        @GetMapping("/trips/{id}")
        Trip trip(@PathVariable String id) {
            Task<String> flight = request.spawn("flight", () -> flights.find(id));
            Task<String> hotel = request.spawn("hotel", () -> hotels.find(id));
            return new Trip(flight.join(), hotel.join());
        }
    }

    static class Quotes {

        @InScope(name = "quotes", timeout = "${quotes.timeout:800ms}", maxConcurrency = "4")
        public String cheapest(List<String> suppliers) {
            Scope scope = Scope.requireCurrent();
            List<Task<String>> quotes =
                    suppliers.stream().map(s -> scope.spawn(s, () -> ask(s))).toList();
            return quotes.stream().map(Task::join).min(naturalOrder()).orElseThrow();
        }

        private static String ask(String supplier) {
            return supplier + " in " + Scope.requireCurrent().name();
        }
    }
}
