// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import jakarta.servlet.DispatcherType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.servlet.filter.OrderedFilter;
import org.springframework.boot.web.servlet.DelegatingFilterProxyRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The filter chain of Spring Security, over a socket. */
class RequestScopeSecurityTest {

    private static final String[] LOG_IN = {
        "Authorization", "Basic " + Base64.getEncoder().encodeToString("ada:secret".getBytes(StandardCharsets.UTF_8))
    };

    @ParameterizedTest
    @EnumSource
    void securityContext_ofTheRequest_isInItsTasks(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            assertThat(server.get("/user").statusCode()).isEqualTo(401);
            assertThat(server.get("/user", LOG_IN).body()).isEqualTo("ada ada ada");
            assertThat(server.get("/user-async", LOG_IN).body()).isEqualTo("ada ada ada");
        }
    }

    /** Neither for the handler nor for the task of another call. */
    @ParameterizedTest
    @EnumSource
    void securityContext_changedInATask_isStillThatOfTheRequest(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            assertThat(server.get("/becomes-admin", LOG_IN).body()).isEqualTo("eve, then ada and ada");
            assertThat(server.get("/for-admins", LOG_IN).statusCode()).isEqualTo(403);
        }
    }

    @ParameterizedTest
    @EnumSource
    void scope_inTheFiltersOfSpringSecurity_isThatOfTheRequest(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            server.get("/user", LOG_IN);
            assertThat(server.bean(App.class).seen).containsOnly("http.request");
        }
    }

    @ParameterizedTest
    @EnumSource
    void methodSecurity_inATask_knowsTheUserOfTheRequest(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            assertThat(server.get("/for-users", LOG_IN).body()).isEqualTo("for users");
            assertThat(server.get("/for-admins", LOG_IN).statusCode()).isEqualTo(403);
        }
    }

    private static String users() {
        Scope scope = Scope.current().orElseThrow();
        return user() + " "
                + scope.await(() -> user() + " "
                        + scope.fork().call("child", child -> child.await(RequestScopeSecurityTest::user)));
    }

    private static String user() {
        return SecurityContextHolder.getContext().getAuthentication().getName();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableWebSecurity
    @EnableMethodSecurity
    @Import(App.Web.class)
    static class App {

        final ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();

        @Bean
        SecurityFilterChain chain(HttpSecurity http) {
            return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                    .httpBasic(Customizer.withDefaults())
                    .build();
        }

        /** As Boot's configuration does, which is not on the class path. */
        @Bean
        DelegatingFilterProxyRegistrationBean securityFilter() {
            DelegatingFilterProxyRegistrationBean filter =
                    new DelegatingFilterProxyRegistrationBean("springSecurityFilterChain");
            filter.setOrder(OrderedFilter.REQUEST_WRAPPER_FILTER_MAX_ORDER - 100);
            filter.setDispatcherTypes(EnumSet.allOf(DispatcherType.class));
            return filter;
        }

        @Bean
        UserDetailsService users() {
            return name -> {
                seen.add(Scope.current().map(Scope::name).orElse("none"));
                return User.withUsername(name)
                        .password("{noop}secret")
                        .roles("USER")
                        .build();
            };
        }

        @Bean
        Guarded guarded() {
            return new Guarded();
        }

        static class Guarded {

            @PreAuthorize("hasRole('USER')")
            public String forUsers() {
                return "for users";
            }

            @PreAuthorize("hasRole('ADMIN')")
            public String forAdmins() {
                return "for admins";
            }
        }

        @RestController
        static class Web {

            private final Guarded guarded;

            Web(Guarded guarded) {
                this.guarded = guarded;
            }

            @GetMapping("/for-users")
            String forUsers() {
                return Scope.requireCurrent().spawn(guarded::forUsers).join();
            }

            @GetMapping("/for-admins")
            String forAdmins() {
                return Scope.requireCurrent().spawn(guarded::forAdmins).join();
            }

            @GetMapping("/becomes-admin")
            String becomesAdmin() {
                Scope scope = Scope.requireCurrent();
                String inTheTask = scope.spawn(() -> {
                            SecurityContextHolder.getContext()
                                    .setAuthentication(new TestingAuthenticationToken("eve", "secret", "ROLE_ADMIN"));
                            return user();
                        })
                        .join();
                return inTheTask + ", then " + user() + " and "
                        + scope.spawn(RequestScopeSecurityTest::user).join();
            }

            @GetMapping("/user")
            String here() {
                return RequestScopeSecurityTest.users();
            }

            @GetMapping("/user-async")
            Callable<String> there() {
                return RequestScopeSecurityTest::users;
            }
        }
    }
}
