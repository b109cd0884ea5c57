// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.spi.TimeSource;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;

class RequestAsyncListenerTest {

    private final ScopeFactory factory = ScopeFactory.create();
    private final RequestHandling handling = new RequestHandling(
            new RequestScopeFactory<>(factory, null, /* joinsAtEnd= */ true, List.of(), TimeSource.system()), null);
    private final MockHttpServletRequest request = new MockHttpServletRequest();
    private AsyncEvent event;

    @BeforeEach
    void startAsync() {
        request.setAsyncSupported(true);
        event = new AsyncEvent(request.startAsync());
        RequestAsyncListener.listen(request, handling);
    }

    @AfterEach
    void close() {
        factory.close();
    }

    private AsyncListener listener() {
        List<AsyncListener> listeners = ((MockAsyncContext) request.getAsyncContext()).getListeners();
        assertThat(listeners).hasSize(1);
        return listeners.get(0);
    }

    @Test
    void listen_twice_listensOnce() {
        RequestAsyncListener.listen(request, handling);
        assertThat(listener()).isNotNull();
    }

    @Test
    void onError_scopeIsOpen_cancelsItAndTheNextIsAnother() throws IOException {
        Scope scope = handling.current().get();
        listener().onError(event);
        assertThat(scope.isCancelled()).isTrue();
        assertThat(handling.current().get().isCancelled()).isFalse();
    }

    @Test
    void onTimeout_scopeIsOpen_cancelsIt() throws IOException {
        Scope scope = handling.current().get();
        listener().onTimeout(event);
        assertThat(scope.isCancelled()).isTrue();
    }

    @Test
    void onComplete_scopeIsOpen_endsIt() throws IOException {
        Scope scope = handling.current().get();
        listener().onComplete(event);
        assertThat(scope.state()).isEqualTo(Scope.State.CLOSED);
        assertThat(scope.isCancelled()).isFalse();
    }
}
