// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory.autoconfigure;

import java.util.List;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Fails the start if a switch is neither true nor false. The conditions on switches take any other value for false, and the
 * properties of a disabled feature are not bound, so that the mistake would go unnoticed.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ValidSwitchesCondition implements Condition {

    private static final List<String> SWITCHES = List.of(
            "traio.async.default",
            "traio.async.enabled",
            "traio.propagation.enabled",
            "traio.propagation.publish-scope",
            "traio.deadline.accept",
            "traio.deadline.enabled",
            "traio.deadline.send",
            "traio.enabled",
            "traio.in-scope.enabled",
            "traio.lifecycle.enabled",
            "traio.metrics.enabled",
            "traio.observation.enabled",
            "traio.observation.tasks",
            "traio.task-executor.enabled",
            "traio.request.enabled");

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
        for (String name : SWITCHES) {
            String value = context.getEnvironment().getProperty(name);
            if (value != null && !value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
                throw new InvalidConfigurationPropertyValueException(name, value, "It must be true or false.");
            }
        }
        return true;
    }
}
