// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.traio.ScopeFactory;
import io.traio.spring.boot.web.RequestScopeConfiguration;
import io.traio.spring.boot.web.RequestScopeMvcConfiguration;
import jakarta.servlet.Filter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.servlet.filter.OrderedFilter;
import org.springframework.context.annotation.Import;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Auto-configures a scope for each servlet request: {@link io.traio.Scope#current()} and an injected
 * {@link io.traio.Scope} give it, and its tasks are joined before the response is complete.
 */
@AutoConfiguration(after = TraioAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, OncePerRequestFilter.class, OrderedFilter.class})
@ConditionalOnSingleCandidate(ScopeFactory.class)
@ConditionalOnBooleanProperty(name = "traio.web.request-scope.enabled", matchIfMissing = true)
@Import({RequestScopeConfiguration.class, RequestScopeMvcConfiguration.class})
public final class RequestScopeAutoConfiguration {}
