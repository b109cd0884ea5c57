// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import io.traio.spring.boot.request.WebServer;

class DeadlineTomcatTest extends DeadlineContract {

    @Override
    WebServer.Kind kind() {
        return WebServer.Kind.TOMCAT;
    }
}
