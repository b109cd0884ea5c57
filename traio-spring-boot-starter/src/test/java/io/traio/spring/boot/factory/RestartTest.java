// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.ScopeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.security.ProtectionDomain;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Applications whose classes are in a class loader of their own, as Spring Boot's devtools restart them; libraries stay in the one
 * above.
 */
@Timeout(180)
class RestartTest {

    /** Threads of traio live on for a while, and for as long as another application uses them. */
    @Test
    void classLoader_ofAnApplicationThatHasEnded_isKeptByNoThread() throws Exception {
        ClassLoader loader = new RestartClassLoader();
        Callable<?> application = (Callable<?>) loader.loadClass(Application.class.getName())
                .getDeclaredConstructor()
                .newInstance();
        assertThat(application.getClass().getClassLoader()).isSameAs(loader);
        FutureTask<?> run = new FutureTask<>(application);
        Thread main = new Thread(run, "restartedMain");
        main.setContextClassLoader(loader);
        main.start();
        run.get();
        main.join();
        Supplier<List<String>> keeping = () -> Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("traio"))
                .filter(thread -> thread.getContextClassLoader() == loader)
                .map(Thread::getName)
                .toList();
        // The last task or alarm may be about to end.
        long until = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!keeping.get().isEmpty() && System.nanoTime() < until) {
            Thread.sleep(20);
        }
        assertThat(keeping.get()).isEmpty();
    }

    /** Runs an application, with classes of its own as tasks. */
    public static final class Application implements Callable<Object> {

        @Override
        public Object call() throws Exception {
            LeakTest.use();
            try (ScopeFactory scopes = ScopeFactory.create()) {
                ClassLoader seen = scopes.call(
                        "own",
                        scope -> scope.spawn(() -> Thread.currentThread().getContextClassLoader())
                                .join());
                assertThat(seen).isSameAs(getClass().getClassLoader());
            }
            return "done";
        }
    }

    /** Has the classes of the application, and asks its parent for all others. */
    private static final class RestartClassLoader extends ClassLoader {

        private final ProtectionDomain domain = new ProtectionDomain(null, null, this, null);

        RestartClassLoader() {
            super(RestartTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                if (known != null) {
                    return known;
                }
                return isOfTheApplication(name) ? define(name) : super.loadClass(name, resolve);
            }
        }

        private static boolean isOfTheApplication(String name) {
            return name.startsWith(LeakTest.class.getName()) || name.startsWith(Application.class.getName());
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = Objects.requireNonNull(in, name).readAllBytes();
                return defineClass(name, bytes, 0, bytes.length, domain);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
