// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

/** The endpoint in an application with Spring MVC. */
class ScopesEndpointServletTest extends AbstractScopesEndpointWebTest {

    ScopesEndpointServletTest() {
        super("servlet");
    }
}
