// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import org.springframework.core.Ordered;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Has Spring MVC end the scope of a handler before a view is rendered. */
public final class RequestScopeMvcConfigurer implements WebMvcConfigurer {

    /** Creates a configurer. */
    public RequestScopeMvcConfigurer() {}

    /** Adds the first interceptor before a handler, which is the last after it: other interceptors may still spawn. */
    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new RequestScopeInterceptor()).order(Ordered.HIGHEST_PRECEDENCE);
    }
}
