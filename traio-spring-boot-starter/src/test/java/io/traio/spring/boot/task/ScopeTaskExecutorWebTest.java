// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.filter.OncePerRequestFilter;

/** Asynchronous work of Spring MVC, in Tomcat and over a socket. */
class ScopeTaskExecutorWebTest {

    private ConfigurableApplicationContext context;

    @BeforeEach
    void start() {
        context = new SpringApplicationBuilder(App.class)
                .run("--server.port=0", "--spring.main.banner-mode=off", "--spring.mvc.async.request-timeout=30s");
    }

    @AfterEach
    void stop() {
        context.close();
    }

    @Test
    void webAsyncTask_byBeanName_isATaskOfTheCurrentScope() throws Exception {
        assertThat(get("/task").body()).isEqualTo("request on traio-");
    }

    @Test
    void supplyAsync_returnedFuture_isATaskOfTheCurrentScope() throws Exception {
        assertThat(get("/future").body()).isEqualTo("request on traio-");
    }

    @Test
    void webAsyncTask_scopeCancelled_endsTheRequest() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = CLIENT.sendAsync(request("/blocks"), BodyHandlers.ofString());
        context.getBean(Web.class).blocking.await();
        context.getBean(ScopeFactory.class).scopes().forEach(Scope::cancel);
        assertThat(answer.get().body()).isEqualTo("interrupted");
    }

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(request(path), BodyHandlers.ofString());
    }

    private HttpRequest request(String path) {
        int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .build();
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        @Bean
        Web web(@Qualifier("scopeTaskExecutor") AsyncTaskExecutor executor) {
            return new Web(executor);
        }

        @Bean
        RequestScopeFactory requestScopes(ScopeFactory scopes) {
            return new RequestScopeFactory(scopes);
        }
    }

    @RestController
    static class Web {

        final CountDownLatch blocking = new CountDownLatch(1);
        private final AsyncTaskExecutor executor;

        Web(AsyncTaskExecutor executor) {
            this.executor = executor;
        }

        @GetMapping("/task")
        WebAsyncTask<String> task() {
            return new WebAsyncTask<>(null, "scopeTaskExecutor", Web::here);
        }

        @GetMapping("/future")
        CompletableFuture<String> future() {
            return CompletableFuture.supplyAsync(Web::here, executor);
        }

        @GetMapping("/blocks")
        WebAsyncTask<String> blocks() {
            return new WebAsyncTask<>(null, "scopeTaskExecutor", () -> {
                blocking.countDown();
                try {
                    new CountDownLatch(1).await();
                    return "not interrupted";
                } catch (InterruptedException e) {
                    return "interrupted";
                }
            });
        }

        private static String here() {
            return Scope.current().map(Scope::name).orElse("nowhere") + " on "
                    + Thread.currentThread().getName().replaceAll("\\d", "");
        }
    }

    /** A scope for each request, open until the asynchronous part has ended too. */
    static class RequestScopeFactory extends OncePerRequestFilter {

        private final ScopeFactory scopes;

        RequestScopeFactory(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            OpenScope scope = scopes.openShared("request");
            try (Scope.Binding binding = scope.bind()) {
                chain.doFilter(request, response);
            }
            request.getAsyncContext().addListener(new CloseAtEnd(scope));
        }
    }

    record CloseAtEnd(OpenScope scope) implements AsyncListener {

        @Override
        public void onComplete(AsyncEvent event) {
            scope.close();
        }

        @Override
        public void onTimeout(AsyncEvent event) {}

        @Override
        public void onError(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }
}
