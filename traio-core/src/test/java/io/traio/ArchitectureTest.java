// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The way of a task goes to the right only, as docs/design.md draws it. */
class ArchitectureTest {

    /** The steps. Both classes of the scope's end stand for one step. */
    private static final List<Set<String>> STEPS = List.of(
            Set.of("TaskSpawn"),
            Set.of("TaskRun"),
            Set.of("TaskFinish"),
            Set.of("ScopeEnd", "ScopeExit"),
            Set.of("Observers"));

    private static final JavaClasses CORE = new ClassFileImporter()
            .importUrl(Scope.class.getProtectionDomain().getCodeSource().getLocation());

    private static int step(JavaClass type) {
        for (int i = 0; i < STEPS.size(); i++) {
            if (type.getPackageName().equals("io.traio") && STEPS.get(i).contains(outermost(type))) {
                return i;
            }
        }
        return -1;
    }

    private static String outermost(JavaClass type) {
        return type.getName().substring(type.getPackageName().length() + 1).split("\\$")[0];
    }

    @Test
    void steps_exist() {
        Set<String> found = new TreeSet<>();
        CORE.stream().filter(type -> step(type) >= 0).forEach(type -> found.add(outermost(type)));

        assertThat(found).containsExactly("Observers", "ScopeEnd", "ScopeExit", "TaskFinish", "TaskRun", "TaskSpawn");
    }

    @Test
    void steps_pointToTheRightOnly() {
        List<String> backwards = CORE.stream()
                .filter(type -> step(type) >= 0)
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .filter(d -> step(d.getTargetClass()) >= 0 && step(d.getTargetClass()) < step(d.getOriginClass()))
                .sorted(Comparator.naturalOrder())
                .map(Dependency::getDescription)
                .toList();

        assertThat(backwards).isEmpty();
    }

    /** Those that stand beside the steps; not a deadline, whose alarm cancels its scope. */
    @Test
    void smallParts_knowNoStep() {
        noClasses()
                .that()
                .haveNameMatching("io\\.traio\\.(LiveList|WaitList|Stragglers|Frames|Failures|Names|Node|ScopeState)")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("io\\.traio\\.(TaskSpawn|TaskRun|TaskFinish|ScopeEnd|ScopeExit)")
                .check(CORE);
    }

    @Test
    void core_needsTheJdkTheLoggerAndTheAnnotationsOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.slf4j..", "org.jspecify..", "io.traio..", "jdk.jfr..")
                .check(CORE);
    }

    @Test
    void spi_knowsNoImplementation() {
        noClasses()
                .that()
                .resideInAnyPackage("io.traio.spi..")
                .and()
                .doNotHaveFullyQualifiedName("io.traio.spi.TimeSource")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.traio.internal..", "io.traio.test..")
                .check(CORE);
    }
}
