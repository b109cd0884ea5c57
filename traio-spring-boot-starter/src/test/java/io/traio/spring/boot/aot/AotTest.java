// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.aot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;
import org.springframework.context.aot.AbstractAotProcessor.Settings;

/** What the build plugin does: generate, compile, and start with {@code -Dspring.aot.enabled=true} in a JVM of its own. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class AotTest {

    @TempDir
    Path folder;

    @Test
    void application_processedAheadOfTime_worksAsAnyOther() throws Exception {
        Path sources = folder.resolve("sources");
        Path classes = folder.resolve("classes");
        generate(sources, classes);
        compile(sources, classes);

        assertThat(run(classes))
                .contains(
                        AotApp.line("aot", true),
                        AotApp.line("task", 1),
                        AotApp.line("annotation", "annotated"),
                        AotApp.line("async", "async"),
                        AotApp.line("meter", 1),
                        AotApp.line("json", true),
                        AotApp.line("text", true),
                        AotApp.line("page", true),
                        AotApp.line("request", "http.request"),
                        AotApp.line("function", "http.request"),
                        AotApp.line("context", "ko"),
                        AotApp.line("guard", "refuses"),
                        AotApp.line("deadline", true),
                        AotApp.line("malformed", true));
    }

    private static void generate(Path sources, Path classes) {
        Settings settings = Settings.builder()
                .sourceOutput(sources)
                .resourceOutput(classes)
                .classOutput(classes)
                .groupId("io.traio")
                .artifactId("aot-test")
                .build();
        new SpringApplicationAotProcessor(AotApp.class, settings, AotApp.arguments()).process();
    }

    private static void compile(Path sources, Path classes) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("-nowarn", "-proc:none", "-d", classes.toString(), "-cp", classPath()));
        try (Stream<Path> files = Files.walk(sources)) {
            files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(command::add);
        }
        int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, command.toArray(String[]::new));
        assertThat(failed).isZero();
    }

    private List<String> run(Path classes) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dspring.aot.enabled=true");
        command.add("-cp");
        command.add(classes + System.getProperty("path.separator") + classPath());
        command.add(AotApp.class.getName());
        command.addAll(List.of(AotApp.arguments()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ends").isTrue();
        } finally {
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output);
        assertThat(process.exitValue()).as(() -> String.join("\n", lines)).isZero();
        return lines;
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }
}
