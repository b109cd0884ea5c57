// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionEvaluationReport;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * What traio adds to the start of a web application with Actuator, as far as it does not depend on the machine. Whoever
 * raises a number here has a reason.
 */
class LeanStartTest {

    private static final int MAX_BEANS = 43;
    private static final int MAX_CONDITIONS = 63;
    private static final int MAX_CLASSES = 174;

    /** Spring Boot itself has up to nine. */
    private static final int MAX_PARAMETERS = 12;

    /** Web applications have no datasource-proxy unless they ask for it. */
    private static final String NOT_BY_DEFAULT =
            "io.traio.spring.boot.jdbc.autoconfigure.StatementCancellationAutoConfiguration";

    private static ConfigurableApplicationContext start() {
        return new SpringApplicationBuilder(App.class)
                .run(
                        "--spring.main.banner-mode=off",
                        "--server.port=0",
                        "--logging.level.org=warn",
                        "--spring.autoconfigure.exclude=" + NOT_BY_DEFAULT);
    }

    @Test
    void beans_ofTheStarter_areFew() {
        try (ConfigurableApplicationContext context = start()) {
            ConfigurableListableBeanFactory beans = context.getBeanFactory();
            List<String> ours = Arrays.stream(beans.getBeanDefinitionNames())
                    .filter(name -> isOurs(beans, beans.getBeanDefinition(name)))
                    .toList();
            assertThat(ours).hasSizeLessThanOrEqualTo(MAX_BEANS);
        }
    }

    private static boolean isOurs(ConfigurableListableBeanFactory beans, BeanDefinition definition) {
        String factory = definition.getFactoryBeanName();
        String type = factory != null && beans.containsBeanDefinition(factory)
                ? beans.getBeanDefinition(factory).getBeanClassName()
                : definition.getBeanClassName();
        return Objects.requireNonNullElse(type, "").startsWith("io.traio.spring.boot.")
                && !Objects.requireNonNullElse(type, "").startsWith(LeanStartTest.class.getName());
    }

    @Test
    void conditions_ofTheStarter_areFew() {
        try (ConfigurableApplicationContext context = start()) {
            long evaluated =
                    ConditionEvaluationReport.get(context.getBeanFactory())
                            .getConditionAndOutcomesBySource()
                            .entrySet()
                            .stream()
                            .filter(source -> source.getKey().startsWith("io.traio."))
                            .mapToLong(source -> source.getValue().stream().count())
                            .sum();
            assertThat(evaluated).isLessThanOrEqualTo(MAX_CONDITIONS);
        }
    }

    /** In a process of its own, since other tests load classes, too. */
    @Test
    void classes_loadedForTheStart_areFew(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("classes");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xlog:class+load:file=" + log,
                        "-cp",
                        System.getProperty("java.class.path"),
                        App.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        assertThat(java.waitFor(50, TimeUnit.SECONDS)).isTrue();
        assertThat(java.exitValue())
                .as(Files.readString(directory.resolve("out")))
                .isZero();
        List<String> loaded = Files.readAllLines(log);
        List<String> ours = loaded.stream()
                .filter(line -> line.contains(" io.traio.") && !line.contains(LeanStartTest.class.getName()))
                .toList();
        assertThat(ours).isNotEmpty().hasSizeLessThanOrEqualTo(MAX_CLASSES);
        // To call a constructor or method by reflection newer JDKs generate classes: more for more parameters.
        String tooMany = "BoundMethodHandle$Species_" + "L".repeat(MAX_PARAMETERS + 1);
        assertThat(loaded.stream().filter(line -> line.contains(tooMany) && !line.endsWith("shared objects file")))
                .isEmpty();
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {

        public static void main(String[] arguments) {
            start().close();
        }
    }
}
