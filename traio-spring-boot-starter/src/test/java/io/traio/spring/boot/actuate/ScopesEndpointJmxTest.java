// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.traio.OpenScope;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.ReflectionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The endpoint over JMX. */
class ScopesEndpointJmxTest {

    private static final MBeanServer MBEANS = ManagementFactory.getPlatformMBeanServer();
    private static final String[] READ = {String.class.getName(), Integer.class.getName()};

    private static ActuatorServer server;
    private static ObjectName name;

    @BeforeAll
    static void start() throws Exception {
        name = new ObjectName("io.traio.test:type=Endpoint,name=Scopes");
        server = ActuatorServer.start(
                "spring.jmx.enabled=true",
                "management.endpoints.jmx.exposure.include=scopes",
                "management.endpoints.jmx.domain=io.traio.test",
                "management.endpoint.scopes.access=unrestricted");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void scopes_live_areAMap() throws Exception {
        OpenScope scope = server.scopes().openShared("quotes");
        Object answer = MBEANS.invoke(name, "scopes", new Object[] {null, null}, READ);
        assertThat(answer)
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("total", 1);
        Map<?, ?> first = (Map<?, ?>) ((List<?>) ((Map<?, ?>) answer).get("scopes")).get(0);
        assertThat(first.get("id")).isEqualTo(Long.toString(scope.id()));
        assertThat(first.get("age")).isEqualTo("PT0S");
        scope.close();
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
        MBEANS.invoke(name, "cancel", new Object[] {id}, new String[] {String.class.getName()});
    }
}
