// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.transaction.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import io.traio.spring.boot.transaction.TransactionGuard;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.orm.jpa.support.OpenEntityManagerInViewInterceptor;
import org.springframework.web.context.request.ServletWebRequest;

/** Tasks that are spawned while Spring keeps an {@code EntityManager} open for the whole request. */
@ExtendWith(OutputCaptureExtension.class)
class OpenInViewTest {

    private final ScopeFactory scopes = ScopeFactory.create(f -> f.withPropagator(TransactionGuard.failing()));
    private final ServletWebRequest request = new ServletWebRequest(new MockHttpServletRequest());

    @Test
    void spawn_entityManagerOpenForTheRequest_isWarnedOfOnce(CapturedOutput output) {
        OpenEntityManagerInViewInterceptor openInView = new OpenEntityManagerInViewInterceptor();
        openInView.setEntityManagerFactory(factory());
        openInView.preHandle(request);
        try {
            for (int i = 0; i < 3; i++) {
                scopes.run("work", scope -> scope.spawn(() -> {}));
            }
        } finally {
            openInView.afterCompletion(request, null);
        }
        assertThat(output.toString().split("spring.jpa.open-in-view", -1)).hasSize(2);
        assertThat(output).contains(OpenInViewTest.class.getName());
    }

    @Test
    void spawn_noEntityManager_isNotWarnedOf(CapturedOutput output) {
        scopes.run("work", scope -> scope.spawn(() -> {}));
        assertThat(output).doesNotContain("open-in-view");
    }

    private static EntityManagerFactory factory() {
        EntityManager manager = proxy(EntityManager.class, (self, method, arguments) -> switch (method.getName()) {
            case "isOpen" -> true;
            default -> null;
        });
        return proxy(EntityManagerFactory.class, (self, method, arguments) -> switch (method.getName()) {
            case "createEntityManager" -> manager;
            case "hashCode" -> 1;
            case "equals" -> self == arguments[0];
            default -> null;
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
