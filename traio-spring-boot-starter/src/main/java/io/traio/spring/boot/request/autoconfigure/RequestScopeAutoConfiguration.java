// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request.autoconfigure;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spring.boot.factory.autoconfigure.ScopeFactoryAutoConfiguration;
import io.traio.spring.boot.factory.autoconfigure.TraioProperties;
import io.traio.spring.boot.request.DisconnectedClient;
import io.traio.spring.boot.request.RequestScopeProxy;
import jakarta.servlet.Filter;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.servlet.filter.OrderedFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Lazy;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Auto-configures a scope for each servlet request: {@link Scope#current()} and an injected {@link Scope} return it, and
 * its tasks are joined before the response is complete.
 */
@AutoConfiguration(after = ScopeFactoryAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, OncePerRequestFilter.class, OrderedFilter.class})
@ConditionalOnSingleCandidate(ScopeFactory.class)
@ConditionalOnBooleanProperty(name = "traio.request.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TraioProperties.class)
@ImportRuntimeHints(RequestScopeAutoConfiguration.ProxyHints.class)
@Import({RequestScopeFilterConfiguration.class, RequestScopeMvcConfiguration.class})
public final class RequestScopeAutoConfiguration {

    /** The name by which other features find out whether requests have scopes. */
    public static final String FILTER_BEAN_NAME = "traioRequestScopeFilter";

    @Bean
    @ConditionalOnMissingBean
    DisconnectedClient traioDisconnectedClient() {
        return new DisconnectedClient();
    }

    /** Never destroyed: the scope that it stands for ends with its request. */
    @Bean(destroyMethod = "")
    @Lazy
    @ConditionalOnMissingBean(name = "traioRequestScope")
    Scope traioRequestScope() {
        return RequestScopeProxy.ofServlets();
    }

    /** Hints for the injected scope, which is a JDK proxy. */
    static final class ProxyHints implements RuntimeHintsRegistrar {

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
            hints.proxies().registerJdkProxy(Scope.class);
        }
    }
}
