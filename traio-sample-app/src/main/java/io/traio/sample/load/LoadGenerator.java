// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.load;

import io.traio.OpenScope;
import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.sample.quotes.RandomSearches;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;

/**
 * Runs callers that search repeatedly for some time. They are tasks of a scope that belongs to no request: it is
 * shared, its timeout ends it, and at shutdown it is cancelled like any other.
 */
@Service
final class LoadGenerator {

    private static final Logger log = LoggerFactory.getLogger(LoadGenerator.class);

    private final ScopeFactory scopes;
    private final RandomSearches searches;
    private final AtomicReference<@Nullable Scope> running = new AtomicReference<>();

    LoadGenerator(ScopeFactory scopes, RandomSearches searches) {
        this.scopes = scopes;
        this.searches = searches;
    }

    /** Starts the callers. Returns false if some are already running. */
    boolean start(int callers, Duration time) {
        OpenScope load = scopes.openShared("load", s -> s.withTimeout(time).withDetached(true));
        if (!running.compareAndSet(null, load)) {
            load.close();
            return false;
        }
        load.onDone(ended -> running.set(null));
        for (int i = 1; i <= callers; i++) {
            load.spawn("caller-" + i, searches::searchForEver);
        }
        log.info("{} callers search for {}", callers, time);
        return true;
    }

    /** Stops the callers. Returns false if there are none. */
    boolean stop() {
        Scope load = running.get();
        if (load == null) {
            return false;
        }
        load.cancel();
        return true;
    }

    boolean isRunning() {
        return running.get() != null;
    }
}
