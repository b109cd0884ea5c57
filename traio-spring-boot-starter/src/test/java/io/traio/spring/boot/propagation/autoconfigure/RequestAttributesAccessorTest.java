// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.propagation.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Enumeration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** The request as it travels into tasks, and into tasks of these. */
@Timeout(20)
class RequestAttributesAccessorTest {

    private final RequestAttributesAccessor accessor = new RequestAttributesAccessor();

    /** A request that its container has taken back, as Tomcat does. */
    private static final class Recycled extends MockHttpServletRequest {

        boolean over;

        @Override
        public @Nullable Object getAttribute(String name) {
            requireAlive();
            return super.getAttribute(name);
        }

        @Override
        public Enumeration<String> getAttributeNames() {
            requireAlive();
            return super.getAttributeNames();
        }

        private void requireAlive() {
            if (over) {
                throw new IllegalStateException("The request object has been recycled");
            }
        }
    }

    @AfterEach
    void leaveRequest() {
        RequestContextHolder.resetRequestAttributes();
    }

    @Test
    void value_inATaskThatOutlivesItsRequest_isStillThere() {
        Recycled request = new Recycled();
        request.setAttribute("user", "alice");
        RequestContextHolder.setRequestAttributes(new ServletRequestAttributes(request));
        RequestAttributes inTask = accessor.getValue();
        RequestContextHolder.setRequestAttributes(inTask);
        request.over = true;

        RequestAttributes inTaskOfTask = accessor.getValue();

        assertThat(inTaskOfTask).isNotNull();
        assertThat(inTaskOfTask.getAttribute("user", RequestAttributes.SCOPE_REQUEST))
                .isEqualTo("alice");
    }

    @Test
    void destructionCallback_registeredInATask_runsWithTheRequest() {
        ServletRequestAttributes ofRequest = new ServletRequestAttributes(new MockHttpServletRequest());
        RequestContextHolder.setRequestAttributes(ofRequest);
        RequestContextHolder.setRequestAttributes(accessor.getValue());
        RequestContextHolder.setRequestAttributes(accessor.getValue());
        boolean[] destroyed = {false};
        RequestContextHolder.currentRequestAttributes()
                .registerDestructionCallback("bean", () -> destroyed[0] = true, RequestAttributes.SCOPE_REQUEST);

        ofRequest.requestCompleted();

        assertThat(destroyed[0]).isTrue();
    }
}
