// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import io.traio.spring.boot.request.RequestScopeApp.Probe;
import io.traio.spring.boot.request.RequestScopeApp.Probes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RequestScopeAtEndTest {

    @ParameterizedTest
    @EnumSource
    void tasksLeft_atEndCancel_areCancelledBeforeTheResponse(WebServer.Kind kind) throws Exception {
        try (WebServer server = WebServer.start(kind, RequestScopeApp.class, "traio.request.at-end=cancel")) {
            for (String path : new String[] {"/left-void-started", "/callable-left"}) {
                Probe probe = new Probe();
                server.bean(Probes.class).probe = probe;
                assertThat(server.get(path).statusCode()).isEqualTo(200);
                assertThat(probe.cancelled.getCount()).as(path).isZero();
                assertThat(probe.finished).as(path).hasValue(0);
            }
            assertThat(server.bean(ScopeFactory.class).scopes()).isEmpty();
        }
    }
}
