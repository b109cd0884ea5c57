// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.examples;

import io.traio.ScopeFactory;
import io.traio.sample.Problem;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /examples} lists the examples, {@code POST /examples/simple-scope} runs one. */
@RestController
@RequestMapping("/examples")
final class ExampleController {

    /** The examples, in the order in which to read them. */
    private static final List<Example> EXAMPLES = List.of(
            new SimpleScope(),
            new SharedScope(),
            new NamesAndLogger(),
            new NoBubble(),
            new Master(),
            new NotAwaited(),
            new AllFlags(),
            new NestedScope(),
            new AbandonOnCancel(),
            new NoInterrupt(),
            new CancelHook(),
            new CurrentScope(),
            new Race(),
            new Hedge(),
            new MapAll(),
            new TimeoutAsResult(),
            new Start(),
            new Shield(),
            new Resources(),
            new SharedLimiter());

    private final ScopeFactory scopes;

    ExampleController(ScopeFactory scopes) {
        this.scopes = scopes;
    }

    /** An example in the list. */
    record Item(String name, String about) {}

    /**
     * The result of running an example.
     *
     * @param outcome whether it returned, or the exception that came out of it
     */
    record Result(String name, String about, List<Journal.Event> events, String outcome, long millis) {}

    @GetMapping
    List<Item> list() {
        return EXAMPLES.stream()
                .map(example -> new Item(example.name(), example.about()))
                .toList();
    }

    @PostMapping("/{name}")
    Result run(@PathVariable String name) {
        Example example = EXAMPLES.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Problem(HttpStatus.NOT_FOUND, "There is no example '" + name + "'"));
        Journal journal = new Journal();
        String outcome = outcome(example, journal);
        return new Result(name, example.about(), journal.events(), outcome, journal.millis());
    }

    private String outcome(Example example, Journal journal) {
        try {
            example.run(scopes, journal);
            return "returned";
        } catch (Exception e) {
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
    }
}
