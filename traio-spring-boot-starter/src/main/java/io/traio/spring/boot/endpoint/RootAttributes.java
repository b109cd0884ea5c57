// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.Scope;
import io.traio.StragglerException;
import io.traio.spi.ScopeListener;
import io.traio.spi.ScopeOutcome;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.boot.actuate.endpoint.Show;

/**
 * Knows what the live root scopes are: which request, which scheduled method, which trace, and what {@link
 * ScopeAttributesContributor}s add. It asks once, on the thread that opens the scope.
 *
 * <p>At most 10 attributes of a scope are kept, keys of 50 and values of 200 characters, sanitized. Thread-safe.
 */
public final class RootAttributes implements ScopeListener {

    /** The full name of a gRPC method. */
    public static final String RPC_METHOD = "rpc.method";

    static final String METHOD = "http.request.method";
    static final String ROUTE = "http.route";
    static final String FUNCTION = "code.function.name";
    static final String TRACE = "traceId";

    /** In place of a value that is not shown. */
    static final String HIDDEN = "******";

    /** What the starter finds out: no values of the application. */
    private static final Set<String> PUBLIC = Set.of(METHOD, ROUTE, FUNCTION, RPC_METHOD, TRACE);

    /** The keys under which tracers leave the trace id in the MDC: Micrometer's, and that of OpenTelemetry's agent. */
    private static final String[] TRACE_KEYS = {"traceId", "trace_id"};

    private static final int MAX_ATTRIBUTES = 10;
    private static final int MAX_KEY = 50;
    private static final int MAX_VALUE = 200;
    private static final int MAX_STRAGGLING = 100;

    private final List<ScopeAttributesContributor> contributors;
    private final Show showValues;
    /** Those of {@link #byRoot} that have ended, and have left stragglers. */
    private final Queue<Long> straggling = new LinkedBlockingQueue<>();

    private final Map<Long, Map<String, String>> byRoot = new ConcurrentHashMap<>();

    /**
     * Creates a listener, to be added to a {@link io.traio.FactoryOptions#withListener factory} after {@link RecentScopes}.
     *
     * @param contributors say what a scope is, the later ones last
     * @param showValues whether the detail of a scope has the values that the application has contributed
     */
    public RootAttributes(List<ScopeAttributesContributor> contributors, Show showValues) {
        this.contributors = List.copyOf(contributors);
        this.showValues = showValues;
    }

    Show showValues() {
        return showValues;
    }

    @Override
    public boolean ignoresTasks() {
        return true;
    }

    @Override
    public void scopeOpened(Scope scope) {
        if (scope.parent().isPresent()) {
            return;
        }
        Map<String, String> found = new LinkedHashMap<>();
        contributors.forEach(contributor -> contributor.contribute(scope, (key, value) -> put(found, key, value)));
        for (String key : TRACE_KEYS) {
            String trace = MDC.get(key);
            if (trace != null && !found.containsKey(TRACE)) {
                put(found, TRACE, trace);
            }
        }
        if (!found.isEmpty()) {
            byRoot.put(scope.id(), Collections.unmodifiableMap(found));
        }
    }

    private static void put(Map<String, String> found, String key, @Nullable String value) {
        if (value != null && (found.size() < MAX_ATTRIBUTES || found.containsKey(key))) {
            found.put(ScopesEndpoint.printable(key, MAX_KEY), ScopesEndpoint.printable(value, MAX_VALUE));
        }
    }

    @Override
    public void scopeClosed(Scope scope, ScopeOutcome outcome) {
        if (byRoot.isEmpty() || scope.parent().isPresent()) {
            return;
        }
        if (outcome.failure() instanceof StragglerException) {
            keepStraggling(scope.id());
        } else {
            byRoot.remove(scope.id());
        }
    }

    /** A scope that has left stragglers is shown until these have ended; the last of them are kept for that. */
    private void keepStraggling(long id) {
        straggling.add(id);
        if (straggling.size() > MAX_STRAGGLING) {
            Long oldest = straggling.poll();
            if (oldest != null) {
                byRoot.remove(oldest);
            }
        }
    }

    /**
     * Returns the attributes of a root scope.
     *
     * @param id its id
     * @param values whether those of the application have their values
     * @return the attributes; null if there are none, or it is no live root scope
     */
    @Nullable
    Map<String, String> of(long id, boolean values) {
        Map<String, String> known = byRoot.get(id);
        if (known == null || values) {
            return known;
        }
        Map<String, String> shown = new LinkedHashMap<>(known);
        shown.replaceAll((key, value) -> PUBLIC.contains(key) ? value : HIDDEN);
        return shown;
    }
}
