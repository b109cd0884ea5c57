// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.http;

import io.traio.Scope;
import io.traio.ScopeFailedException;
import io.traio.internal.VirtualThreads;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;

/**
 * A request that ends with the code that executes it. Where an interrupt ends the request, its thread is interrupted. A thread
 * that blocks in a socket cannot be reached if it is a platform thread: there a task executes the request, and is abandoned.
 */
final class RequestInScope implements ClientHttpRequest, StreamingHttpOutputMessage {

    /** What an interrupt does to a client. */
    enum Client {
        /** Ends its calls. */
        REACTS_TO_INTERRUPTS,

        /** Ends them, but not always where it reads a body. */
        SWALLOWS_INTERRUPTS,

        /** Ends its calls on virtual threads only. */
        BLOCKS_IN_SOCKETS
    }

    private final ClientHttpRequest delegate;
    private final Client client;

    RequestInScope(ClientHttpRequest delegate, Client client) {
        this.delegate = delegate;
        this.client = client;
    }

    @Override
    public ClientHttpResponse execute() throws IOException {
        Scope scope = Scope.current().orElse(null);
        if (scope == null) {
            return delegate.execute();
        }
        Scope.checkCancelled();
        return client != Client.BLOCKS_IN_SOCKETS || VirtualThreads.isVirtual(Thread.currentThread())
                ? executeHere(scope)
                : executeInATask(scope);
    }

    private ClientHttpResponse executeHere(Scope scope) throws IOException {
        InterruptibleCall call = new InterruptibleCall(scope);
        try {
            ClientHttpResponse response = call.call(delegate::execute);
            if (client == Client.SWALLOWS_INTERRUPTS) {
                call.alsoClose(() -> response.getBody().close());
            }
            return new ResponseInScope(response, call);
        } catch (Throwable e) {
            call.over();
            throw e;
        }
    }

    private ClientHttpResponse executeInATask(Scope scope) throws IOException {
        Late late = new Late();
        try {
            return scope.spawnToJoin(
                            getMethod() + " " + getURI().getHost(),
                            () -> late.closeIfLate(delegate.execute()),
                            t -> t.withAbandonOnCancel(true))
                    .join();
        } catch (ScopeFailedException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw e;
        } catch (Throwable e) {
            late.abandon();
            throw e;
        }
    }

    /** Closes a response that comes when the caller has gone, so that its connection is back in the pool. */
    private static final class Late {

        private boolean abandoned;
        private @Nullable ClientHttpResponse response;

        synchronized ClientHttpResponse closeIfLate(ClientHttpResponse fresh) {
            response = fresh;
            if (abandoned) {
                fresh.close();
            }
            return fresh;
        }

        synchronized void abandon() {
            abandoned = true;
            if (response != null) {
                response.close();
            }
        }
    }

    @Override
    public void setBody(Body body) {
        if (delegate instanceof StreamingHttpOutputMessage streaming) {
            streaming.setBody(body);
            return;
        }
        try {
            body.writeTo(delegate.getBody());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public OutputStream getBody() throws IOException {
        return delegate.getBody();
    }

    @Override
    public HttpMethod getMethod() {
        return delegate.getMethod();
    }

    @Override
    public URI getURI() {
        return delegate.getURI();
    }

    @Override
    public Map<String, Object> getAttributes() {
        return delegate.getAttributes();
    }

    @Override
    public HttpHeaders getHeaders() {
        return delegate.getHeaders();
    }
}
