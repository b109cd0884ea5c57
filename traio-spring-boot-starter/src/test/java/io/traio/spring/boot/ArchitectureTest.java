// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.traio.spring.boot.factory.ScopeFactoryCustomizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.io.ClassPathResource;

/** Holds the map of the starter, which is the package page of factory. */
class ArchitectureTest {

    private static final String ROOT = "io.traio.spring.boot.";
    private static final String AUTOCONFIGURE = "io.traio.spring.boot.*.autoconfigure";

    /** The other features that each feature depends on. */
    private static final Map<String, Set<String>> DEPENDENCIES = Map.ofEntries(
            Map.entry("deadline", Set.of("factory", "reactor", "request")),
            Map.entry("endpoint", Set.of("factory", "internal")),
            Map.entry("factory", Set.of()),
            Map.entry("grpc", Set.of("endpoint", "factory", "internal")),
            Map.entry("health", Set.of("factory")),
            Map.entry("http", Set.of("internal")),
            Map.entry("inscope", Set.of("factory")),
            Map.entry("internal", Set.of()),
            Map.entry("jdbc", Set.of("factory", "internal")),
            Map.entry("lifecycle", Set.of("factory")),
            Map.entry("metrics", Set.of("factory")),
            Map.entry("observation", Set.of("factory")),
            Map.entry("propagation", Set.of("factory", "internal")),
            Map.entry("reactor", Set.of("internal")),
            Map.entry("request", Set.of("factory", "internal")),
            Map.entry("task", Set.of("factory")),
            Map.entry("transaction", Set.of("factory")));

    private static final JavaClasses STARTER = new ClassFileImporter()
            .importUrl(ScopeFactoryCustomizer.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation());

    private static String featureOf(JavaClass type) {
        return type.getPackageName().substring(ROOT.length()).split("\\.")[0];
    }

    @Test
    void features_dependOnThoseOfTheMapOnly() {
        Map<String, Set<String>> found = new TreeMap<>();
        for (JavaClass type : STARTER) {
            Set<String> others = found.computeIfAbsent(featureOf(type), feature -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith(ROOT))
                    .map(ArchitectureTest::featureOf)
                    .filter(feature -> !feature.equals(featureOf(type)))
                    .forEach(others::add);
        }
        assertThat(found).isEqualTo(DEPENDENCIES);
    }

    @Test
    void features_formNoCycles() {
        slices().matching("io.traio.spring.boot.(*)..")
                .should()
                .beFreeOfCycles()
                .check(STARTER);
    }

    @Test
    void autoConfiguration_isUsedByAutoConfigurationOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(AUTOCONFIGURE)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(AUTOCONFIGURE)
                .check(STARTER);
    }

    @Test
    void metrics_doNotKnowTheEndpoint() {
        noClasses()
                .that()
                .resideInAPackage("io.traio.spring.boot.metrics..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.traio.spring.boot.endpoint..", "org.springframework.boot.actuate..")
                .check(STARTER);
    }

    @Test
    void configurationAndProperties_areInAutoConfigurePackages() {
        classes()
                .that()
                .areMetaAnnotatedWith(Configuration.class)
                .or()
                .areAnnotatedWith(ConfigurationProperties.class)
                .should()
                .resideInAPackage(AUTOCONFIGURE)
                .check(STARTER);
    }

    @Test
    void autoConfigurations_all_areFinalAndLoadedThroughTheImportsFile() throws IOException {
        List<JavaClass> found = STARTER.stream()
                .filter(type -> type.isAnnotatedWith(AutoConfiguration.class))
                .toList();
        String imports = new ClassPathResource(
                        "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports")
                .getContentAsString(StandardCharsets.UTF_8);

        assertThat(found).allMatch(type -> type.getModifiers().contains(JavaModifier.FINAL));
        assertThat(imports.lines()).isSorted();
        assertThat(imports.lines().collect(Collectors.toSet()))
                .isEqualTo(found.stream().map(JavaClass::getName).collect(Collectors.toSet()));
    }

    /** A bean of the application would lose against it, or be a second one. */
    @Test
    void beans_ofAutoConfigurations_areNotPrimary() {
        noMethods().should().beAnnotatedWith(Primary.class).check(STARTER);
        noClasses()
                .should()
                .callMethod(BeanDefinition.class, "setPrimary", boolean.class)
                .check(STARTER);
    }

    @Test
    void propertiesClasses_ofOnePrefix_areOne() {
        List<String> prefixes = STARTER.stream()
                .filter(type -> type.isAnnotatedWith(ConfigurationProperties.class))
                .map(type ->
                        type.getAnnotationOfType(ConfigurationProperties.class).value())
                .toList();

        assertThat(prefixes).containsExactlyInAnyOrder("traio", "management.endpoint.scopes");
    }
}
