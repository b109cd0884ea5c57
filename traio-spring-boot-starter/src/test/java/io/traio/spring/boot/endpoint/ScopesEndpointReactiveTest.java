// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

/** The endpoint in an application with WebFlux. */
class ScopesEndpointReactiveTest extends AbstractScopesEndpointWebTest {

    ScopesEndpointReactiveTest() {
        super("reactive");
    }
}
