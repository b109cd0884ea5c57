// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * A header that tells the next service how much time is left.
 *
 * @param enabled Whether deadlines are taken from requests and sent with calls to other services.
 * @param header Name of the header. Its value is the time left, in milliseconds.
 * @param max What a longer time in a request is cut to.
 * @param accept Whether the header of a request limits the scope of that request.
 * @param send Whether calls to other services say how much time is left.
 */
@ConfigurationProperties("traio.deadline")
record DeadlineProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("Request-Timeout-Ms") String header,
        @DefaultValue("5m") Duration max,
        @DefaultValue("true") boolean accept,
        @DefaultValue("true") boolean send) {

    private static final Duration MIN = Duration.ofMillis(1);
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    /** The header as it is configured. Checked here and not while binding: so the failure names the property. */
    DeadlineHeader toHeader() {
        if (!TOKEN.matcher(header).matches()) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.deadline.header", header, "It must be the name of a header.");
        }
        if (max.compareTo(MIN) < 0) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.deadline.max", max, "It must be a millisecond or longer.");
        }
        return new DeadlineHeader(header, max);
    }
}
