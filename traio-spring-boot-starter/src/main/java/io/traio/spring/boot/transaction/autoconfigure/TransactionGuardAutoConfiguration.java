// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.transaction.autoconfigure;

import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties.Guard;
import io.traio.spring.boot.transaction.TransactionGuard;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Auto-configures the guard against tasks that are spawned in transactions. */
@AutoConfiguration(before = ScopeFactoryAutoConfiguration.class)
@ConditionalOnClass(TransactionSynchronizationManager.class)
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
@Conditional(TransactionGuardAutoConfiguration.OnGuard.class)
@EnableConfigurationProperties(TraioProperties.class)
public final class TransactionGuardAutoConfiguration {

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    @ConditionalOnMissingBean
    TransactionGuard transactionGuard(TraioProperties properties) {
        return properties.getTransactionGuard() == Guard.FAIL ? TransactionGuard.failing() : TransactionGuard.warning();
    }

    /** Bound and not compared as text: in YAML a plain "off" is the boolean "false". */
    static final class OnGuard extends SpringBootCondition {

        private static final String PROPERTY = "traio.transaction-guard";

        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            Guard guard = Binder.get(context.getEnvironment())
                    .bind(PROPERTY, Guard.class)
                    .orElse(Guard.WARN);
            return new ConditionOutcome(
                    guard != Guard.OFF,
                    ConditionMessage.forCondition("Transaction guard").because(PROPERTY + " is " + guard));
        }
    }
}
