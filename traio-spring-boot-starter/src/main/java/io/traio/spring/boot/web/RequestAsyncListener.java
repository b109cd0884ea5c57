// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;

/** Ends the scope of an asynchronous request that no further dispatch ends, and cancels one that is given up. */
final class RequestAsyncListener implements AsyncListener {

    private static final String ATTRIBUTE = RequestAsyncListener.class.getName();

    private final RequestHandling handling;

    private RequestAsyncListener(RequestHandling handling) {
        this.handling = handling;
    }

    /** Listens to a request on which asynchronous processing has been started, unless it does already. */
    static void listen(HttpServletRequest request, RequestHandling handling) {
        if (request.getAttribute(ATTRIBUTE) != handling) {
            request.setAttribute(ATTRIBUTE, handling);
            request.getAsyncContext().addListener(new RequestAsyncListener(handling));
        }
    }

    /** A container forgets its listeners when asynchronous processing is started anew. */
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

    /** Some containers say so twice. */
    @Override
    public void onComplete(AsyncEvent event) {
        handling.completed();
    }
}
