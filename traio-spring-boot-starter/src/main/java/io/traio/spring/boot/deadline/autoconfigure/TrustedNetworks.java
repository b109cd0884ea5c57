// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline.autoconfigure;

import io.traio.spring.boot.deadline.Networks;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import java.util.List;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** The networks from which the deadline header is taken. */
final class TrustedNetworks {

    private TrustedNetworks() {}

    /** Returns the networks that are listed, or the private ones. */
    static Networks of(TraioProperties.Deadline properties) {
        List<String> listed = properties.getTrustedNetworks();
        if (listed.isEmpty()) {
            return Networks.PRIVATE;
        }
        try {
            return Networks.of(listed);
        } catch (IllegalArgumentException invalid) {
            throw new InvalidConfigurationPropertyValueException(
                    "traio.deadline.trusted-networks", listed, String.valueOf(invalid.getMessage()));
        }
    }
}
