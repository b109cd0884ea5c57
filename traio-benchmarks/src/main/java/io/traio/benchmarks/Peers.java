// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import io.traio.ScopeFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** All peers, by their names in tables. Each is created on first use. */
final class Peers {

    static final String FLOOR = "floor";
    static final String TRAIO = "traio";
    private static final String BEFORE = "before";

    private static final Map<String, Supplier<Peer>> MAKERS = new LinkedHashMap<>();
    private static final Map<String, Peer> MADE = new LinkedHashMap<>();

    static {
        MAKERS.put(FLOOR, Floor::new);
        MAKERS.put(TRAIO, () -> new Traio(ScopeFactory.create()));
        MAKERS.put("traio-starter", () -> new Traio(Starter.scopeFactory()));
        onJdk25("StructuredTaskScope", "io.traio.benchmarks.StructuredScopes");
        MAKERS.put("executor-per-scope", ExecutorPerScope::new);
        MAKERS.put("CompletableFuture", CompletableFutures::new);
        onJdk25("jox", "io.traio.benchmarks.Jox");
        MAKERS.put("kotlin", Coroutines::new);
        MAKERS.put("reactor", ReactorFlux::new);
        MAKERS.put("SimpleAsyncTaskExecutor", SpringExecutor::new);
    }

    private Peers() {}

    /** The class exists only if this was built, and runs, on JDK 25 with preview features. */
    private static void onJdk25(String name, String className) {
        try {
            Class<?> type = Class.forName(className);
            MAKERS.put(name, () -> {
                try {
                    return (Peer) type.getDeclaredConstructor().newInstance();
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(name + " cannot be used", e);
                }
            });
        } catch (ClassNotFoundException | UnsupportedClassVersionError e) {
            System.err.println(name + " is left out: it needs a build and a run on JDK 25, with --enable-preview");
        }
    }

    /** Adds traio as another build had it, of which this is the {@code benchmarks.jar}. */
    static void addBefore(Path jar) {
        MAKERS.put(BEFORE, () -> OtherBuild.peer(jar));
    }

    /** Returns the names of the peers that this JVM can run. */
    static List<String> names() {
        return List.copyOf(MAKERS.keySet());
    }

    /** Returns a peer. Creates it on first use, on another thread: an application leaves thread locals behind. */
    static synchronized Peer get(String name) throws Exception {
        Peer made = MADE.get(name);
        if (made == null) {
            Supplier<Peer> maker = MAKERS.get(name);
            if (maker == null) {
                throw new IllegalArgumentException("Unknown peer '" + name + "'; this JVM has " + names());
            }
            made = Owner.PLATFORM.call(maker::get);
            MADE.put(name, made);
        }
        return made;
    }
}
