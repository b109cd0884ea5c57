// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.web.util.HtmlUtils;

/**
 * The live page that a browser gets: one file, the same for everybody but for what the user may do and the CSRF token.
 * Safe for use by several threads.
 */
final class ScopesPage {

    static final String RESOURCE = "scopes.html";

    private static final boolean SECURITY_PRESENT = isPresent("org.springframework.security.web.csrf.CsrfToken")
            && isPresent("jakarta.servlet.http.HttpServletRequest");

    private final boolean cancellable;
    private final String template;

    /**
     * Reads the page.
     *
     * @param cancellable whether it has buttons that cancel
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

    /** The page for the request under way. */
    String render() {
        CsrfHeader csrf = cancellable && SECURITY_PRESENT ? CsrfHeader.ofCurrentRequest() : null;
        return template.replace("@cancellable@", Boolean.toString(cancellable))
                .replace("@csrf-header@", attribute(csrf == null ? null : csrf.name()))
                .replace("@csrf-token@", attribute(csrf == null ? null : csrf.value()));
    }

    private static String attribute(@Nullable String value) {
        return value == null ? "" : HtmlUtils.htmlEscape(value);
    }

    private static boolean isPresent(String className) {
        return ClassUtils.isPresent(className, ScopesPage.class.getClassLoader());
    }
}
