// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.HtmlUtils;

/**
 * The live page for browsers: one file, made of a few, the same for all users except for the permission to cancel and the CSRF
 * token. It is read when it is first asked for.
 *
 * <p>Its Content Security Policy names the hashes of its script and style. Spring Security leaves a policy alone that a
 * response has already, so that a strict one of the application does not forbid the page.
 *
 * <p>Thread-safe.
 */
final class ScopesPage {

    /** What it is made of: the files of this package whose names begin like this. */
    static final String RESOURCES = "scopes*";

    static final String FRAME_OPTIONS = "X-Frame-Options";
    static final String NO_FRAMES = "DENY";
    static final String POLICY = "Content-Security-Policy";
    static final String CACHE_CONTROL = "Cache-Control";
    static final String NO_STORE = "no-store";

    private final boolean cancellable;
    private final @Nullable String traceLink;
    private volatile @Nullable Template template;

    /**
     * Creates the page.
     *
     * @param cancellable whether the page has buttons that cancel
     * @param traceLink address of a trace, with the placeholder <code>{traceId}</code>; null if there is none
     * @throws IllegalArgumentException if it is no address of http or https, or has no such placeholder
     */
    ScopesPage(boolean cancellable, @Nullable String traceLink) {
        // No other scheme: the page makes a link of it, which could be a script.
        if (traceLink != null && !traceLink.matches("https?://.*\\{traceId}.*")) {
            throw new IllegalArgumentException("The link to a trace must begin with http:// or https:// and have the"
                    + " placeholder {traceId}, but was " + traceLink);
        }
        this.traceLink = traceLink;
        this.cancellable = cancellable;
    }

    private Template template() {
        Template known = template;
        if (known == null) {
            known = Template.read();
            template = known;
        }
        return known;
    }

    /** Returns the value of the header {@link #POLICY}. */
    String policy() {
        return template().policy() + "; frame-ancestors 'none'";
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
        return template()
                .text()
                .replace("@cancellable@", Boolean.toString(cancellable))
                .replace("@trace-link@", attribute(traceLink))
                .replace("@csrf-header@", attribute(csrf == null ? null : csrf.name()))
                .replace("@csrf-token@", attribute(csrf == null ? null : csrf.value()));
    }

    private static String attribute(@Nullable String value) {
        return value == null ? "" : HtmlUtils.htmlEscape(value);
    }

    /**
     * The page before it is rendered.
     *
     * @param text all but what is the user's
     * @param policy what it may load
     */
    private record Template(String text, String policy) {

        static Template read() {
            String style = resource("scopes.css");
            String script = resource("scopes.js") + resource("scopes-recent.js");
            String policy = "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script)
                    + "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'";
            String text = resource("scopes.html")
                    .replace("@policy@", policy)
                    .replace("@style@", style)
                    .replace("@script@", script);
            return new Template(text, policy);
        }

        private static String resource(String name) {
            try (InputStream in = ScopesPage.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException(name + " is missing beside " + ScopesPage.class);
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Returns the hash of a style or a script, as a policy names it. */
        private static String hash(String content) {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
                return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("Every JDK has SHA-256", e);
            }
        }
    }
}
