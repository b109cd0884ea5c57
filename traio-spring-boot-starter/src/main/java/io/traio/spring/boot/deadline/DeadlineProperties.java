// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** A header that tells the next service how much time is left. */
@ConfigurationProperties("traio.deadline")
final class DeadlineProperties {

    private static final Duration MIN = Duration.ofMillis(1);
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    /** Whether deadlines are taken from requests and sent with calls to other services. */
    private boolean enabled;

    /** Name of the header. Its value is the time left, in milliseconds. */
    private String header = "Request-Timeout-Ms";

    /** What a longer time in a request is cut to. */
    private Duration max = Duration.ofMinutes(5);

    /** Whether the header of a request limits the scope of that request. */
    private boolean accept = true;

    /** Whether calls to other services say how much time is left. */
    private boolean send = true;

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public String getHeader() {
        return header;
    }

    public void setHeader(String header) {
        this.header = header;
    }

    public Duration getMax() {
        return max;
    }

    public void setMax(Duration max) {
        this.max = max;
    }

    public boolean isAccept() {
        return accept;
    }

    public void setAccept(boolean accept) {
        this.accept = accept;
    }

    public boolean isSend() {
        return send;
    }

    public void setSend(boolean send) {
        this.send = send;
    }

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
