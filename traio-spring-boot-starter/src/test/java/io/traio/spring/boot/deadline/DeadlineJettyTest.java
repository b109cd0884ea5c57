// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.spring.boot.request.WebServer;

class DeadlineJettyTest extends DeadlineContract {

    @Override
    WebServer.Kind kind() {
        return WebServer.Kind.JETTY;
    }
}
