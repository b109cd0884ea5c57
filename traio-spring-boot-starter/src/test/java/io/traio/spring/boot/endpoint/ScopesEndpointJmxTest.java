// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.traio.OpenScope;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The endpoint over JMX. */
class ScopesEndpointJmxTest {

    private static final MBeanServer MBEANS = ManagementFactory.getPlatformMBeanServer();
    private static final String[] READ = {String.class.getName(), Integer.class.getName(), String.class.getName()};
    private static final String[] ID = {String.class.getName()};

    private static ActuatorServer server;
    private static ObjectName name;

    @BeforeAll
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    static void start() throws Exception {
        name = new ObjectName("io.traio.test:type=Endpoint,name=Scopes");
        server = ActuatorServer.start(
                "spring.jmx.enabled=true",
                "management.endpoints.jmx.exposure.include=scopes",
                "management.endpoints.jmx.domain=io.traio.test",
                "management.endpoint.scopes.access=unrestricted",
                "management.endpoint.scopes.show-stacks=when-authorized");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void scopes_live_areAMap() throws Exception {
        OpenScope scope = server.scopes().openShared("quotes");
        Object answer = MBEANS.invoke(name, "scopes", new Object[] {null, null, null}, READ);
        assertThat(answer).asInstanceOf(InstanceOfAssertFactories.MAP).containsEntry("total", 1);
        Map<?, ?> first = (Map<?, ?>) ((List<?>) ((Map<?, ?>) answer).get("scopes")).get(0);
        assertThat(first.get("id")).isEqualTo(Long.toString(scope.id()));
        assertThat(first.get("age")).isEqualTo("PT0S");
        scope.close();
    }

    @Test
    void scope_withTasks_hasStacks() throws Exception {
        OpenScope scope = server.scopes().openShared("quotes");
        CountDownLatch started = new CountDownLatch(1);
        scope.spawn("supplier-a", () -> {
            started.countDown();
            new CountDownLatch(1).await();
            return null;
        });
        started.await();
        // The task has started, but may not have come to its wait yet.
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(stackOfTheTaskIn(scope)).contains("CountDownLatch.await"));
        scope.close();
    }

    private static String stackOfTheTaskIn(OpenScope scope) throws Exception {
        Map<?, ?> answer = (Map<?, ?>) MBEANS.invoke(name, "scope", new Object[] {Long.toString(scope.id())}, ID);
        Map<?, ?> task = (Map<?, ?>) ((List<?>) ((Map<?, ?>) answer.get("scope")).get("tasks")).get(0);
        return task.get("stack").toString();
    }

    /** Also after a test that failed, so that the others do not. */
    @AfterEach
    void endScopes() {
        server.scopes().scopes().forEach(scope -> ((OpenScope) scope).close());
    }

    @Test
    void scope_unknown_isNull() throws Exception {
        assertThat(MBEANS.invoke(name, "scope", new Object[] {"0"}, ID)).isNull();
    }

    @Test
    void cancel_liveScope_cancelsIt() throws Exception {
        OpenScope scope = server.scopes().openShared("victim");
        cancel(Long.toString(scope.id()));
        assertThat(scope.isCancelled()).isTrue();
    }

    @Test
    void cancel_unknownScope_isRefused() {
        assertThatExceptionOfType(ReflectionException.class)
                .isThrownBy(() -> cancel("0"))
                .havingCause()
                .withMessageContaining("No live scope has this id");
    }

    private static void cancel(String id) throws Exception {
        MBEANS.invoke(
                name, "cancel", new Object[] {id, null}, new String[] {String.class.getName(), String.class.getName()});
    }
}
