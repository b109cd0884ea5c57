// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import io.traio.spring.boot.deadline.DeadlineHeader;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.request.autoconfigure.ReactiveRequestScopeAutoConfiguration;
import io.traio.spring.boot.request.autoconfigure.RequestScopeAutoConfiguration;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Import;

/**
 * Auto-configures deadlines across services, where they are enabled: a header of a request limits the scope of that
 * request, and requests to other services say in the same header how much time is left.
 */
@AutoConfiguration(
        after = {
            ScopeFactoryAutoConfiguration.class,
            RequestScopeAutoConfiguration.class,
            ReactiveRequestScopeAutoConfiguration.class
        })
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty("traio.deadline.enabled")
@EnableConfigurationProperties(TraioProperties.class)
@Import({
    DeadlineServerConfiguration.class,
    ReactiveDeadlineServerConfiguration.class,
    DeadlineRestClientConfiguration.class,
    DeadlineRestTemplateConfiguration.class,
    DeadlineWebClientConfiguration.class
})
public final class DeadlineAutoConfiguration {

    private static final Duration MIN = Duration.ofMillis(1);
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");

    /** Returns the configured header, once it is checked. */
    static DeadlineHeader header(TraioProperties.Deadline properties) {
        if (!TOKEN.matcher(properties.getHeader()).matches()) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.deadline.header", properties.getHeader(), "It must be the name of a header.");
        }
        if (properties.getMax().compareTo(MIN) < 0) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.deadline.max", properties.getMax(), "It must be a millisecond or longer.");
        }
        if (properties.getMin().compareTo(MIN) < 0 || properties.getMin().compareTo(properties.getMax()) > 0) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.deadline.min",
                    properties.getMin(),
                    "It must be a millisecond or longer, and no longer than traio.deadline.max.");
        }
        return new DeadlineHeader(properties.getHeader(), properties.getMin(), properties.getMax());
    }
}
