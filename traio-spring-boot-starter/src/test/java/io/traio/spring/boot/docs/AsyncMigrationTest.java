// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.Task;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.stereotype.Service;
import org.springframework.test.annotation.DirtiesContext;

/** The code of docs/migration/async.md. */
@Timeout(60)
@DirtiesContext
@SpringBootTest(webEnvironment = WebEnvironment.NONE)
class AsyncMigrationTest {

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableAsync
    @Import({Before.class, After.class, Between.class, Mails.class})
    static class Application {}

    record Page(String user, String orders) {}

    static String findUser() {
        return "ada";
    }

    static String findOrders() {
        return "3";
    }

    @Service
    static class Before {

        @Async
        public CompletableFuture<String> user() {
            return CompletableFuture.completedFuture(findUser());
        }

        @Async
        public CompletableFuture<String> orders() {
            return CompletableFuture.completedFuture(findOrders());
        }
    }

    static Page page(Before before) {
        CompletableFuture<String> user = before.user();
        CompletableFuture<String> orders = before.orders();
        return new Page(user.join(), orders.join());
    }

    @Service
    static class After {

        private final ScopeFactory scopes;

        After(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        public Page page() {
            return scopes.call("page", scope -> {
                Task<String> user = scope.spawn("user", () -> findUser());
                Task<String> orders = scope.spawn("orders", () -> findOrders());
                return new Page(user.join(), orders.join());
            });
        }
    }

    @Service
    static class Between {

        @Async("scopeTaskExecutor")
        public CompletableFuture<String> user() {
            return CompletableFuture.completedFuture(
                    findUser() + " in " + Scope.requireCurrent().name());
        }
    }

    @Service
    static class Mails {

        private final ScopeFactory scopes;
        private final Queue<String> sent = new ConcurrentLinkedQueue<>();

        Mails(ScopeFactory scopes) {
            this.scopes = scopes;
        }

        public void sendAll(List<String> addresses) {
            scopes.run("mails", s -> s.withMaxConcurrency(4), scope -> {
                for (String address : addresses) {
                    scope.spawn(address, () -> send(address), t -> t.withBubble(false));
                }
            });
        }

        private void send(String address) {
            sent.add(address);
        }
    }

    @Autowired
    private Before before;

    @Autowired
    private After after;

    @Autowired
    private Between between;

    @Autowired
    private Mails mails;

    @Autowired
    private ScopeFactory scopes;

    @Test
    void bothSides_giveTheSamePage() {
        assertThat(after.page()).isEqualTo(page(before)).isEqualTo(new Page("ada", "3"));
    }

    @Test
    void scopeTaskExecutor_runsInTheCurrentScope() {
        String user = scopes.call("page", scope -> between.user().join());
        assertThat(user).isEqualTo("ada in page");
    }

    @Test
    void scopeTaskExecutor_outsideOfScopes_refuses() {
        assertThatThrownBy(() -> between.user()).isInstanceOf(TaskRejectedException.class);
    }

    @Test
    void mails_areSentBeforeTheMethodReturns() {
        mails.sendAll(List.of("a", "b"));
        assertThat(mails.sent).containsExactlyInAnyOrder("a", "b");
    }
}
