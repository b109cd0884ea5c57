// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.http;

import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;

/**
 * A request factory whose requests take no longer than the scope that they are made in, and end when the code that makes them
 * is cancelled: with a {@link io.traio.ScopeCancelledException}. That holds for threads that traio does not interrupt, too,
 * such as that of a servlet request. Outside of scopes, requests are those of the factory within.
 *
 * <p>Thread-safe, if the factory within is.
 */
public final class ScopeClientHttpRequestFactory implements ClientHttpRequestFactory, InitializingBean, DisposableBean {

    private final ClientHttpRequestFactory delegate;
    private final RequestInScope.Client client;

    /**
     * Creates a factory.
     *
     * @param delegate creates the requests
     */
    public ScopeClientHttpRequestFactory(ClientHttpRequestFactory delegate) {
        this.delegate = Objects.requireNonNull(delegate, "delegate");
        this.client = clientOf(delegate);
    }

    private static RequestInScope.Client clientOf(ClientHttpRequestFactory factory) {
        if (factory instanceof JdkClientHttpRequestFactory) {
            return RequestInScope.Client.SWALLOWS_INTERRUPTS;
        }
        boolean reacts =
                factory instanceof JettyClientHttpRequestFactory || factory instanceof ReactorClientHttpRequestFactory;
        return reacts ? RequestInScope.Client.REACTS_TO_INTERRUPTS : RequestInScope.Client.BLOCKS_IN_SOCKETS;
    }

    @Override
    public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
        return new RequestInScope(delegate.createRequest(uri, method), client);
    }

    @Override
    public void afterPropertiesSet() throws Exception {
        if (delegate instanceof InitializingBean bean) {
            bean.afterPropertiesSet();
        }
    }

    @Override
    public void destroy() throws Exception {
        if (delegate instanceof DisposableBean bean) {
            bean.destroy();
        }
    }
}
