// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request.autoconfigure;

import io.traio.ScopeFactory;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Import;

/**
 * The scope of requests to a management port of its own. That has its own server and filters, but the interceptors of the
 * application.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(value = ScopeFactory.class, name = RequestScopeAutoConfiguration.FILTER_BEAN_NAME)
@Import(RequestScopeFilterConfiguration.class)
final class RequestScopeManagementContextConfiguration {}
