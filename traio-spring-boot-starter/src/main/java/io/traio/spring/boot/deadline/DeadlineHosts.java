// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.deadline;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * The hosts that are told how much time is left: those of the own network, which have a name without a dot, a name in a
 * domain that is not public, or an address in a private network; and those that are listed.
 *
 * <p>Thread-safe.
 */
public final class DeadlineHosts {

    private static final String ALL = "*";
    private static final List<String> OWN_DOMAINS = List.of(".localhost", ".local", ".internal");

    private final List<String> listed;

    /**
     * Creates a list of hosts.
     *
     * @param listed names; domains with all that is below them, which begin with a dot; or {@code *} for all hosts
     * @throws NullPointerException if the list or one of its elements is null
     */
    public DeadlineHosts(List<String> listed) {
        this.listed = Objects.requireNonNull(listed, "listed").stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
    }

    boolean contain(URI uri) {
        if (uri.getHost() == null) {
            return false;
        }
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return isOwn(host) || listed.stream().anyMatch(name -> name.equals(ALL) || isIn(host, name));
    }

    private static boolean isOwn(String host) {
        boolean plainName = host.indexOf('.') < 0 && host.indexOf(':') < 0;
        return plainName || OWN_DOMAINS.stream().anyMatch(host::endsWith) || Networks.PRIVATE.contain(host);
    }

    private static boolean isIn(String host, String name) {
        return name.startsWith(".") ? host.endsWith(name) || host.equals(name.substring(1)) : host.equals(name);
    }
}
