// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.traio.spring.boot.deadline.DeadlineRestClientConfiguration;
import io.traio.spring.boot.deadline.DeadlineServerConfiguration;
import io.traio.spring.boot.deadline.DeadlineWebClientConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Import;

/**
 * Auto-configures deadlines across services, where they are switched on: a header of a request limits the scope of that
 * request, and calls to other services say in the same header how much time is left.
 */
@AutoConfiguration(after = {TraioAutoConfiguration.class, RequestScopeAutoConfiguration.class})
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty("traio.deadline.enabled")
@Import({DeadlineServerConfiguration.class, DeadlineRestClientConfiguration.class, DeadlineWebClientConfiguration.class
})
public final class DeadlineAutoConfiguration {}
