// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

class RequestScopeTomcatTest extends RequestScopeContract {

    @Override
    WebServer.Kind kind() {
        return WebServer.Kind.TOMCAT;
    }
}
