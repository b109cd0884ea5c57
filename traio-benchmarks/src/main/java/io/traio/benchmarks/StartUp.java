// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Starts a web application in separate JVMs, alternately with and without the starter on the class path. */
final class StartUp {

    private StartUp() {}

    static Markdown table(Options options, Owner owner) throws Exception {
        List<String> with = classPath();
        List<String> without = with.stream()
                .filter(entry -> !isTraio(Path.of(entry).getFileName().toString()))
                .toList();
        if (without.size() != with.size() - 2) {
            throw new IllegalStateException("Expected to leave out exactly the core and the starter of " + with);
        }
        List<Double> plain = new ArrayList<>();
        List<Double> more = new ArrayList<>();
        int rounds = Math.max(5, options.rounds() / 2);
        for (int round = -1; round < rounds; round++) {
            double base = millis(without);
            double all = millis(with);
            if (round >= 0) {
                plain.add(base);
                more.add(all - base);
            }
        }
        Markdown table = new Markdown(List.of("start of a web application with actuator", "milliseconds"));
        table.row(List.of("without the starter", Statistics.of(plain).toString(0)));
        table.row(List.of("added by the starter, in pairs", Statistics.of(more).toString(0)));
        return table;
    }

    /** The class path: the application in its own directory, and the libraries without those of JDBC. */
    private static List<String> classPath() throws IOException {
        List<String> entries = new ArrayList<>();
        entries.add(copyOf(Application.class).toString());
        libraries().stream()
                .filter(library -> !isOfJdbc(Path.of(library).getFileName().toString()))
                .forEach(entries::add);
        return entries;
    }

    /** Returns the libraries named by the benchmarks' manifest. */
    static List<String> libraries() throws IOException {
        List<String> found = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry).toAbsolutePath();
            if (Files.isRegularFile(path)) {
                try (JarFile jar = new JarFile(path.toFile())) {
                    String libraries = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                    if (libraries != null) {
                        Arrays.stream(libraries.split(" "))
                                .map(library -> path.resolveSibling(library).toString())
                                .forEach(found::add);
                    }
                }
            }
        }
        return found;
    }

    /** Returns a directory with one class in it. */
    static Path copyOf(Class<?> application) throws IOException {
        String name = application.getName().replace('.', '/') + ".class";
        Path directory = Files.createTempDirectory("traio-application");
        Path copy = directory.resolve(name);
        Files.createDirectories(copy.getParent());
        try (InputStream bytes = StartUp.class.getClassLoader().getResourceAsStream(name)) {
            Files.copy(Objects.requireNonNull(bytes, name), copy);
        }
        return directory;
    }

    /** The application has no database. */
    private static boolean isOfJdbc(String library) {
        return Stream.of("h2-", "HikariCP-", "datasource-proxy-").anyMatch(library::startsWith);
    }

    static boolean isTraio(String name) {
        return name.startsWith("traio-core") || name.startsWith("traio-spring-boot-starter");
    }

    private static double millis(List<String> classPath) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        String.join(File.pathSeparator, classPath),
                        Application.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("The application did not start");
        }
        return Double.parseDouble(printed.trim());
    }

    /** The application to start; prints the milliseconds since the start of {@code main}. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    public static class Application {

        /**
         * The entry point.
         *
         * @param args none
         */
        public static void main(String[] args) {
            long start = System.nanoTime();
            try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                    .properties(
                            "server.port=0",
                            "management.endpoints.web.exposure.include=*",
                            "logging.level.root=warn",
                            "spring.main.banner-mode=off",
                            "spring.main.log-startup-info=false")
                    .run()) {
                System.out.println((System.nanoTime() - start) / 1e6);
            }
        }
    }
}
