// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

class RequestScopeTomcatTest extends RequestScopeContract {

    @Override
    WebServer.Kind kind() {
        return WebServer.Kind.TOMCAT;
    }
}
