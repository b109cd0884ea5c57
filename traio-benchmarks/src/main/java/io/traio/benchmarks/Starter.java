// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import io.traio.ScopeFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Configuration;

/** The factory as users get it: from an application with the starter, Actuator and no properties. */
final class Starter {

    private Starter() {}

    static ScopeFactory scopeFactory() {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off", "spring.main.log-startup-info=false")
                .run()
                .getBean(ScopeFactory.class);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
