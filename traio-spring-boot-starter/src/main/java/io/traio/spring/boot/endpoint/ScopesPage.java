// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.HtmlUtils;

/**
 * The live page for browsers: one file, the same for all users except for the permission to cancel and the CSRF token.
 *
 * <p>Thread-safe.
 */
final class ScopesPage {

    static final String RESOURCE = "scopes.html";

    static final String FRAME_OPTIONS = "X-Frame-Options";
    static final String NO_FRAMES = "DENY";
    static final String CACHE_CONTROL = "Cache-Control";
    static final String NO_STORE = "no-store";

    private final boolean cancellable;
    private final String template;

    /**
     * Reads the page.
     *
     * @param cancellable whether the page has buttons that cancel
     */
    ScopesPage(boolean cancellable) {
        this.cancellable = cancellable;
        try (InputStream in = ScopesPage.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing beside " + ScopesPage.class);
            }
            this.template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isCancellable() {
        return cancellable;
    }

    /** Returns the page for a request that has a token, or needs none. */
    String render(@Nullable CsrfHeader csrf) {
        return render(cancellable, csrf);
    }

    /** Returns the page for a request whose token is unknown. */
    String renderReadOnly() {
        return render(false, null);
    }

    private String render(boolean cancellable, @Nullable CsrfHeader csrf) {
        return template.replace("@cancellable@", Boolean.toString(cancellable))
                .replace("@csrf-header@", attribute(csrf == null ? null : csrf.name()))
                .replace("@csrf-token@", attribute(csrf == null ? null : csrf.value()));
    }

    private static String attribute(@Nullable String value) {
        return value == null ? "" : HtmlUtils.htmlEscape(value);
    }
}
