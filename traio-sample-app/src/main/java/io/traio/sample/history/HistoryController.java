// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /searches}. */
@RestController
final class HistoryController {

    private final History history;

    HistoryController(History history) {
        this.history = history;
    }

    @GetMapping("/searches")
    Overview searches() {
        return history.overview();
    }
}
