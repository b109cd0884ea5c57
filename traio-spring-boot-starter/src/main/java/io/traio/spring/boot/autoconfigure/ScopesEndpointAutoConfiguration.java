// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.traio.ScopeFactory;
import io.traio.spring.boot.actuate.ScopesEndpoint;
import io.traio.spring.boot.actuate.ScopesEndpointWebExtension;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** Auto-configures the endpoint {@code scopes}, which shows the scopes of all {@link ScopeFactory} beans. */
@AutoConfiguration(after = TraioAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(ScopesEndpoint.class)
@ConditionalOnBean(ScopeFactory.class)
public final class ScopesEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ScopesEndpoint scopesEndpoint(ObjectProvider<ScopeFactory> factories) {
        return new ScopesEndpoint(factories.orderedStream().toList());
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(ScopesEndpoint.class)
    @ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
    ScopesEndpointWebExtension scopesEndpointWebExtension(ScopesEndpoint endpoint) {
        return new ScopesEndpointWebExtension(endpoint);
    }
}
