// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import static io.traio.sample.examples.Slow.fetch;

import io.traio.Operators;
import io.traio.ScopeFactory;
import java.util.List;
import java.util.stream.Stream;

final class MapAll implements Example {

    @Override
    public String name() {
        return "map-all";
    }

    @Override
    public String about() {
        return "Two pages at a time: the next one is pulled from its source when there is room, and the order is kept";
    }

    @Override
    public void run(ScopeFactory scopes, Journal journal) {
        Stream<String> pages =
                Stream.of("page 1", "page 2", "page 3", "page 4").peek(page -> journal.note(page + " is pulled"));
        List<String> fetched = Operators.on(scopes).mapAll(pages, 2, page -> fetch(page, 50, journal));
        journal.note("all: " + fetched);
    }
}
