// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.request;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;

/** Ends the scope of an asynchronous request that has no further dispatch, and cancels it if the request is given up. */
final class RequestAsyncListener implements AsyncListener {

    private static final String ATTRIBUTE = RequestAsyncListener.class.getName();

    private final RequestHandling handling;

    private RequestAsyncListener(RequestHandling handling) {
        this.handling = handling;
    }

    /** Listens to a request whose asynchronous processing has started. Idempotent. */
    static void listen(HttpServletRequest request, RequestHandling handling) {
        if (request.getAttribute(ATTRIBUTE) != handling) {
            request.setAttribute(ATTRIBUTE, handling);
            request.getAsyncContext().addListener(new RequestAsyncListener(handling));
        }
    }

    /** The container drops its listeners when asynchronous processing starts again. */
    @Override
    public void onStartAsync(AsyncEvent event) {
        event.getAsyncContext().addListener(this);
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        handling.cancelTimedOut();
    }

    @Override
    public void onError(AsyncEvent event) {
        handling.cancel();
    }

    /** Some containers call this twice. */
    @Override
    public void onComplete(AsyncEvent event) {
        handling.completed();
    }
}
