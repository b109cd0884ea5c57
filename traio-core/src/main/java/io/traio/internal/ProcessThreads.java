// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import java.security.AccessController;
import java.security.PrivilegedAction;
import org.jspecify.annotations.Nullable;

/**
 * Makes platform threads that several applications of the process share. They keep nothing of the one that happens to need them
 * first: no thread locals, no context class loader of its own and, up to JDK 23, no classes that are on its stack.
 */
public final class ProcessThreads {

    /**
     * The context class loader of such threads: traio's own. It sees an application that is packed with traio, and does not see
     * the classes that devtools loads anew at each restart.
     */
    public static final @Nullable ClassLoader LOADER = ProcessThreads.class.getClassLoader();

    private ProcessThreads() {}

    /**
     * Makes a daemon thread, which is not started.
     *
     * @param runnable what it runs
     * @param name its name
     * @return the thread
     */
    @SuppressWarnings("removal") // Until JDK 23 a new thread keeps the protection domains of its creators.
    public static Thread create(Runnable runnable, String name) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread thread = new Thread(null, runnable, name, 0, /* inheritThreadLocals= */ false);
            thread.setDaemon(true);
            thread.setPriority(Thread.NORM_PRIORITY);
            thread.setContextClassLoader(LOADER);
            return thread;
        });
    }
}
