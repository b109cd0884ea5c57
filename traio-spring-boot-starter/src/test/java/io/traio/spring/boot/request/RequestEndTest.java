// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.multipart.MultipartFile;

/** What is left of a request when its handler passes it on or has written its response itself. */
class RequestEndTest {

    private static final long WORK_MILLIS = 300;

    @ParameterizedTest
    @EnumSource
    void tasks_handlerForwards_areJoinedBefore(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            assertThat(server.get("/forwarding").body()).isEqualTo("task was done, in no scope of the caller");
        }
    }

    @ParameterizedTest
    @EnumSource
    void failure_handlerForwards_isTheAnswer(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            assertThat(server.get("/failing").statusCode()).isEqualTo(500);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tasks_handlerIncludes_runOn(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            assertThat(server.get("/including").body()).isEqualTo("task was not done, in the scope of the caller");
        }
    }

    @ParameterizedTest
    @EnumSource
    void upload_responseCommittedByTheHandler_isThereForTheTasks(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            String part =
                    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\ncontent\r\n--b--\r\n";
            HttpRequest upload = HttpRequest.newBuilder(server.uri("/upload"))
                    .header("Content-Type", "multipart/form-data; boundary=b")
                    .POST(BodyPublishers.ofString(part))
                    .build();
            HttpClient.newHttpClient().send(upload, BodyHandlers.ofString());
            assertThat(server.bean(App.class).read.get(20, TimeUnit.SECONDS)).isEqualTo("content");
        }
    }

    @ParameterizedTest
    @EnumSource
    void requestScopedBean_firstUsedInATask_isDestroyedWithTheRequest(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, App.class)) {
            assertThat(server.get("/cart").body()).isEqualTo("used");
            assertThat(server.bean(App.class).destroyed.await(20, TimeUnit.SECONDS))
                    .isTrue();
        }
    }

    static class Cart implements DisposableBean {

        private final App app;

        Cart(App app) {
            this.app = app;
        }

        public String use() {
            return "used";
        }

        @Override
        public void destroy() {
            app.destroyed.countDown();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(App.Web.class)
    static class App {

        final CountDownLatch destroyed = new CountDownLatch(1);

        @Bean
        @Scope(value = WebApplicationContext.SCOPE_REQUEST, proxyMode = ScopedProxyMode.TARGET_CLASS)
        Cart cart(App app) {
            return new Cart(app);
        }

        final CompletableFuture<String> read = new CompletableFuture<>();

        @Bean
        ServletRegistrationBean<Target> target() {
            return new ServletRegistrationBean<>(new Target(), "/target");
        }

        @RestController
        static class Web {

            private final App app;
            private final ObjectProvider<Cart> cart;

            Web(App app, ObjectProvider<Cart> cart) {
                this.app = app;
                this.cart = cart;
            }

            @GetMapping("/cart")
            String cart() {
                return io.traio.Scope.requireCurrent()
                        .spawn(() -> cart.getObject().use())
                        .join();
            }

            private static void spawnSlow(HttpServletRequest request) {
                io.traio.Scope scope = io.traio.Scope.requireCurrent();
                request.setAttribute("scope", scope);
                scope.spawn(() -> {
                    Thread.sleep(WORK_MILLIS);
                    request.setAttribute("done", true);
                });
            }

            @GetMapping("/forwarding")
            void forwarding(HttpServletRequest request, HttpServletResponse response) throws Exception {
                spawnSlow(request);
                request.getRequestDispatcher("/target").forward(request, response);
            }

            @GetMapping("/including")
            void including(HttpServletRequest request, HttpServletResponse response) throws Exception {
                spawnSlow(request);
                request.getRequestDispatcher("/target").include(request, response);
            }

            @GetMapping("/failing")
            void failing(HttpServletRequest request, HttpServletResponse response) throws Exception {
                io.traio.Scope.requireCurrent().spawn(() -> {
                    Thread.sleep(WORK_MILLIS);
                    throw new IOException("broken");
                });
                request.getRequestDispatcher("/target").forward(request, response);
            }

            @PostMapping("/upload")
            void upload(@RequestParam MultipartFile file, HttpServletResponse response) throws IOException {
                io.traio.Scope.requireCurrent().spawn(() -> {
                    Thread.sleep(WORK_MILLIS);
                    try {
                        app.read.complete(new String(file.getBytes()));
                    } catch (Throwable e) {
                        app.read.completeExceptionally(e);
                    }
                });
                response.getWriter().write("accepted");
                response.flushBuffer();
            }
        }

        static class Target extends HttpServlet {

            private static final long serialVersionUID = 1L;

            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response)
                    throws ServletException, IOException {
                boolean done = request.getAttribute("done") != null;
                boolean inside = io.traio.Scope.requireCurrent() == request.getAttribute("scope");
                response.getWriter()
                        .write("task was " + (done ? "" : "not ") + "done, in " + (inside ? "the scope" : "no scope")
                                + " of the caller");
            }
        }
    }
}
