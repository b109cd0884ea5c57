// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.load;

import io.traio.sample.Problem;
import java.time.Duration;
import org.springframework.format.annotation.DurationFormat;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /load?callers=12&time=30s} starts, {@code DELETE /load} stops, {@code GET /load} reports. */
@RestController
@RequestMapping("/load")
final class LoadController {

    private static final int MAX_CALLERS = 100;
    private static final Duration MAX_TIME = Duration.ofMinutes(10);

    /** Tells whether the load is running. */
    record Status(boolean running) {}

    private final LoadGenerator load;

    LoadController(LoadGenerator load) {
        this.load = load;
    }

    @PostMapping
    @ResponseStatus(HttpStatus.ACCEPTED)
    Status start(
            @RequestParam(defaultValue = "12") int callers,
            @RequestParam(defaultValue = "30s") @DurationFormat(style = DurationFormat.Style.SIMPLE) Duration time) {
        if (callers < 1 || callers > MAX_CALLERS) {
            throw new Problem(HttpStatus.BAD_REQUEST, "'callers' must be from 1 to " + MAX_CALLERS);
        }
        if (time.isNegative() || time.isZero() || time.compareTo(MAX_TIME) > 0) {
            throw new Problem(
                    HttpStatus.BAD_REQUEST, "'time' must be more than 0 and at most " + MAX_TIME.toMinutes() + "m");
        }
        if (!load.start(callers, time)) {
            throw new Problem(HttpStatus.CONFLICT, "The load is already running; DELETE /load stops it");
        }
        return status();
    }

    @DeleteMapping
    Status stop() {
        load.stop();
        return new Status(false);
    }

    @GetMapping
    Status status() {
        return new Status(load.isRunning());
    }
}
