// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * traio as another commit had it, beside traio of this one: both take turns in one JVM. Two runs in two JVMs differ by more
 * than most changes of the engine do.
 */
final class OtherBuild extends URLClassLoader {

    private OtherBuild(URL... classPath) {
        super(classPath, OtherBuild.class.getClassLoader());
    }

    /** Returns the peer {@code traio} of another build's {@code benchmarks.jar}. */
    static Peer peer(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw new IllegalArgumentException("--before is to name the benchmarks.jar of another build, not " + jar);
        }
        try {
            ClassLoader loader = new OtherBuild(jar.toUri().toURL());
            Object factory = loader.loadClass("io.traio.ScopeFactory")
                    .getMethod("create")
                    .invoke(null);
            Constructor<?> peer = loader.loadClass("io.traio.benchmarks.Traio").getDeclaredConstructors()[0];
            peer.setAccessible(true);
            return (Peer) peer.newInstance(factory);
        } catch (ReflectiveOperationException | IOException e) {
            throw new IllegalStateException("traio of " + jar + " cannot be used", e);
        }
    }

    /** Classes of traio come from the other build. Only what both sides speak of, the peer, comes from this one. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith("io.traio.") || name.equals(Peer.class.getName())) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }
    }
}
