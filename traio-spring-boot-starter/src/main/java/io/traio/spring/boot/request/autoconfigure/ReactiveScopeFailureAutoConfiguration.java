// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request.autoconfigure;

import io.traio.spring.boot.request.ScopeWebExceptionHandler;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/** Auto-configures the answers to failures of scopes in WebFlux applications, whose requests have no scopes of their own. */
@AutoConfiguration
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass({WebExceptionHandler.class, Mono.class})
@ConditionalOnBooleanProperty(name = "traio.enabled", matchIfMissing = true)
public final class ReactiveScopeFailureAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ScopeWebExceptionHandler traioScopeWebExceptionHandler() {
        return new ScopeWebExceptionHandler();
    }
}
