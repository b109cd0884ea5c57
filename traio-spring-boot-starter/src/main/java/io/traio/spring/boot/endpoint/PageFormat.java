// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import org.springframework.boot.actuate.endpoint.Producible;
import org.springframework.util.MimeType;

/**
 * What the live page is written in. An operation with a mandatory parameter is never cached, whatever
 * {@code management.endpoint.scopes.cache.time-to-live} says: the page holds the CSRF token of its user, and comes with
 * headers that only its operation sets.
 */
public enum PageFormat implements Producible<PageFormat> {

    /** The only format. */
    HTML;

    // Without a character set the response would have that of the server.
    private static final MimeType TYPE = MimeType.valueOf("text/html;charset=UTF-8");

    @Override
    public MimeType getProducedMimeType() {
        return TYPE;
    }
}
