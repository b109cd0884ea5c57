// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.Scope;
import io.traio.ScopeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

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
        run(loader);
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

    /** In a process of its own, in which a collection clears soft references, such as those of Spring's caches. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void classLoader_ofAnApplicationThatHasEnded_isCollected(boolean virtualThreads, @TempDir Path folder)
            throws Exception {
        Path output = folder.resolve("output");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:SoftRefLRUPolicyMSPerMB=0",
                        "-Dspring.threads.virtual.enabled=" + virtualThreads,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Restarts.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(java.waitFor(90, TimeUnit.SECONDS)).isTrue();
        } finally {
            java.destroyForcibly();
        }
        assertThat(java.exitValue()).as(Files.readString(output)).isZero();
    }

    /** Runs an application whose classes are in a class loader. */
    private static void run(ClassLoader loader) throws Exception {
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
    }

    /** Ends with 0 if the class loader of an application between two others, which do without traio, is collected. */
    static final class Restarts {

        public static void main(String[] args) throws Exception {
            // Keeps what comes first: Spring Boot's shutdown hook, binder and logging, and an exception of CGLIB.
            runOther();
            WeakReference<ClassLoader> loader = restart();
            // Is what comes last: the environment that logging keeps.
            runOther();
            long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (loader.get() != null && System.nanoTime() < until) {
                System.gc();
                Thread.sleep(50);
            }
            System.exit(loader.get() == null ? 0 : 3);
        }

        private static void runOther() {
            new SpringApplicationBuilder(Other.class)
                    .run(Application.arguments("--traio.enabled=false"))
                    .close();
        }

        private static WeakReference<ClassLoader> restart() throws Exception {
            ClassLoader loader = new RestartClassLoader();
            run(loader);
            return new WeakReference<>(loader);
        }
    }

    /** Is enhanced by CGLIB, as it has a bean. */
    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Other {

        @Bean
        Object bean() {
            return new Object();
        }
    }

    /** Runs applications, with classes of its own as tasks. */
    public static final class Application implements Callable<Object> {

        @Override
        public Object call() throws Exception {
            LeakTest.use();
            serve();
            try (ScopeFactory scopes = ScopeFactory.create()) {
                ClassLoader seen = scopes.call(
                        "own",
                        scope -> scope.spawn(() -> Thread.currentThread().getContextClassLoader())
                                .join());
                assertThat(seen).isSameAs(getClass().getClassLoader());
            }
            return "done";
        }

        private static void serve() throws IOException {
            try (ConfigurableApplicationContext context = new SpringApplicationBuilder(App.class).run(arguments());
                    InputStream answer = URI.create("http://localhost:"
                                    + context.getEnvironment().getRequiredProperty("local.server.port") + "/fare")
                            .toURL()
                            .openStream()) {
                assertThat(answer.readAllBytes()).asString().isEqualTo("650");
            }
        }

        static String[] arguments(String... more) {
            return StringUtils.concatenateStringArrays(
                    new String[] {
                        "--spring.main.banner-mode=off",
                        "--logging.level.org=warn",
                        "--server.port=0",
                        // Its scheduler keeps the class loader of whoever comes first.
                        "--management.prometheus.metrics.export.enabled=false"
                    },
                    more);
        }

        @SpringBootConfiguration(proxyBeanMethods = false)
        @EnableAutoConfiguration
        @Import(Web.class)
        static class App {}

        @RestController
        static class Web {

            @GetMapping("/fare")
            String fare() {
                return Scope.requireCurrent().spawn(() -> "650").join();
            }
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
