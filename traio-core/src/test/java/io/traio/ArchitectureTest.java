// SPDX-License-Identifier: Apache-2.0
package io.traio;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The map of the core: which rooms there are, and which may use which. docs/design.md draws it. */
class ArchitectureTest {

    private static final String ENGINE = "io.traio.internal.engine";

    /** The rooms of the engine, as its package page lists them. */
    private static final Map<String, Set<String>> ROOMS = Map.of(
            "door",
                    Set.of(
                            "Engines",
                            "DefaultScopeFactory",
                            "Engine",
                            "LiveScopes",
                            "Opener",
                            "OpeningPlaces",
                            "OpeningPlace"),
            "data",
                    Set.of(
                            "Node",
                            "TaskNode",
                            "TaskFuture",
                            "ScopeNode",
                            "ScopeHandle",
                            "ScopeTreeFields",
                            "ScopeRecordFields",
                            "ScopeWordFields",
                            "ScopeWord",
                            "Members",
                            "Admission",
                            "Body",
                            "CancelCause",
                            "LiveList",
                            "OwnerList",
                            "WaitList",
                            "Failures",
                            "UnseenFailures",
                            "DefaultScopeOutcome",
                            "Result"),
            "rules",
                    Set.of("ExitExceptions", "TaskFailures", "Throwables", "WaitedAt", "LeftOpenException", "Headroom"),
            "thread",
                    Set.of(
                            "Frame",
                            "BoundFrame",
                            "CurrentFrame",
                            "ThisThread",
                            "WaitCycle",
                            "InterruptAccount",
                            "InterruptCounts",
                            "Shield",
                            "HeldInterrupts",
                            "RegisteredHook",
                            "Waits",
                            "Loan",
                            "Launcher"),
            "steps",
                    Set.of(
                            "TaskSpawn",
                            "TaskStart",
                            "TaskRun",
                            "TaskFinish",
                            "ScopeEnd",
                            "ScopeExit",
                            "OpenHandle",
                            "Cancellation",
                            "Resources"),
            "time", Set.of("Deadline", "Stragglers"),
            "queue", Set.of("TaskQueue", "Ticket", "SharedLimiter", "Permits"),
            "watch",
                    Set.of(
                            "Observers",
                            "Observed",
                            "Callbacks",
                            "ContextCapture",
                            "ContextAround",
                            "FlightEvents",
                            "ScopeEvent",
                            "TaskEvent",
                            "Log",
                            "ScopeView",
                            "Snapshots",
                            "StackOf"));

    /** Which rooms each room uses. */
    private static final Map<String, Set<String>> USES = Map.of(
            "door", Set.of("data", "queue", "rules", "steps", "thread", "time", "watch"),
            "data", Set.of("door", "queue", "rules", "steps", "thread", "time", "watch"),
            "rules", Set.of("data", "door", "thread", "time", "watch"),
            "thread", Set.of("data", "door", "queue", "rules", "steps", "time", "watch"),
            "steps", Set.of("data", "door", "queue", "rules", "thread", "time", "watch"),
            "time", Set.of("data", "door", "steps", "thread", "watch"),
            "queue", Set.of("data", "door", "steps", "thread"),
            "watch", Set.of("data", "door", "rules", "steps", "thread"));

    /** Who takes a step of a task's way, beside the steps: what users call, and what ends things by itself. */
    private static final Set<String> USERS_OF_STEPS = Set.of(
            "BoundFrame",
            "Callbacks",
            "Deadline",
            "DefaultScopeFactory",
            "Opener",
            "OpeningPlaces",
            "ScopeHandle",
            "ScopeRecordFields",
            "Stragglers",
            "TaskNode",
            "TaskQueue",
            "Waits");

    /** The steps of a task's way. Several classes stand for the scope's end. */
    private static final List<Set<String>> STEPS = List.of(
            Set.of("TaskSpawn", "TaskStart"),
            Set.of("TaskRun"),
            Set.of("TaskFinish"),
            Set.of("ScopeEnd", "ScopeExit", "OpenHandle"),
            Set.of("Observers"));

    /** Classes of the engine that use each other, one way or the other. Smaller is better; it must not grow unseen. */
    private static final int LARGEST_CYCLE = 34;

    private static final JavaClasses CORE = new ClassFileImporter()
            .importUrl(Scope.class.getProtectionDomain().getCodeSource().getLocation());

    private static int step(JavaClass type) {
        for (int i = 0; i < STEPS.size(); i++) {
            if (type.getPackageName().equals(ENGINE) && STEPS.get(i).contains(outermost(type))) {
                return i;
            }
        }
        return -1;
    }

    private static String outermost(JavaClass type) {
        return type.getName().substring(type.getPackageName().length() + 1).split("\\$")[0];
    }

    @Test
    void everyClassOfTheEngine_isInOneRoom() {
        Set<String> found = new TreeSet<>();
        CORE.stream()
                .filter(type -> type.getPackageName().equals(ENGINE))
                .map(ArchitectureTest::outermost)
                .filter(name -> !name.equals("package-info"))
                .forEach(found::add);

        assertThat(ROOMS.values().stream().flatMap(Set::stream).sorted()).containsExactlyElementsOf(found);
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

    @Test
    void rooms_useThoseOfTheMapOnly() {
        Map<String, Set<String>> found = new TreeMap<>();
        for (JavaClass type : CORE) {
            if (room(type) != null) {
                Set<String> others = found.computeIfAbsent(room(type), room -> new TreeSet<>());
                type.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> room(dependency.getTargetClass().getBaseComponentType()))
                        .filter(room -> room != null && !room.equals(room(type)))
                        .forEach(others::add);
            }
        }

        assertThat(found).isEqualTo(USES);
    }

    @Test
    void steps_areTakenByThoseOfTheMapOnly() {
        Set<String> found = CORE.stream()
                .filter(type -> room(type) != null && !"steps".equals(room(type)))
                .filter(type -> type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency -> "steps".equals(room(dependency.getTargetClass()))))
                .map(ArchitectureTest::outermost)
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(found).isEqualTo(USERS_OF_STEPS);
    }

    private static @Nullable String room(JavaClass type) {
        return ROOMS.keySet().stream()
                .filter(room ->
                        type.getPackageName().equals(ENGINE) && ROOMS.get(room).contains(outermost(type)))
                .findFirst()
                .orElse(null);
    }

    /** The state and the parts that know nobody: transitions return what follows, and the steps act on it. */
    @Test
    void states_knowNoStep() {
        noClasses()
                .that()
                .haveNameMatching(
                        "io\\.traio\\.internal\\.engine\\.(Frame|InterruptAccount|InterruptCounts|Shield|HeldInterrupts|Permits|LiveList|OwnerList|WaitList"
                                + "|ScopeTreeFields|ScopeRecordFields|ScopeWordFields|ScopeWord|Members|Admission|Body|ThisThread|Throwables|Node)")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "io\\.traio\\.internal\\.engine\\.(TaskSpawn|TaskStart|TaskRun|TaskFinish|ScopeEnd|Cancellation|ScopeExit"
                                + "|OpenHandle|Observers)")
                .check(CORE);
    }

    @Test
    void engine_isEnteredThroughItsDoor() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ENGINE)
                .should()
                .dependOnClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are in the engine, behind its door",
                        type -> type.getPackageName().equals(ENGINE)
                                && !outermost(type).equals("Engines")))
                .check(CORE);
    }

    @Test
    void leaves_knowNoEngine() {
        noClasses()
                .that()
                .resideInAPackage("io.traio.internal")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ENGINE)
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
    void spi_knowsNoEngine() {
        noClasses()
                .that()
                .resideInAnyPackage("io.traio.spi..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ENGINE)
                .check(CORE);
    }

    /** What only tests need is in a module of its own. */
    @Test
    void core_hasNothingForTests() {
        noClasses().should().resideInAPackage("io.traio.test..").check(CORE);
    }

    @Test
    void largestCycle_doesNotGrow() {
        assertThat(largestCycle()).isLessThanOrEqualTo(LARGEST_CYCLE);
    }

    /** How many classes the largest strongly connected part of the engine has, nested classes counted with theirs. */
    private static int largestCycle() {
        Map<String, Set<String>> uses = new HashMap<>();
        for (JavaClass type : CORE) {
            if (!type.getPackageName().equals(ENGINE)) {
                continue;
            }
            for (Dependency d : type.getDirectDependenciesFromSelf()) {
                if (d.getTargetClass().getPackageName().equals(ENGINE)) {
                    uses.computeIfAbsent(topLevel(type), k -> new TreeSet<>()).add(topLevel(d.getTargetClass()));
                }
            }
        }
        int largest = 0;
        for (String type : uses.keySet()) {
            Set<String> reached = reachable(type, uses);
            int size = (int) reached.stream()
                    .filter(other -> reachable(other, uses).contains(type))
                    .count();
            largest = Math.max(largest, size);
        }
        return largest;
    }

    private static String topLevel(JavaClass type) {
        return type.getPackageName() + "." + outermost(type);
    }

    private static Set<String> reachable(String from, Map<String, Set<String>> uses) {
        Set<String> seen = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(uses.getOrDefault(from, Set.of()));
        for (String type = next.poll(); type != null; type = next.poll()) {
            if (seen.add(type)) {
                next.addAll(uses.getOrDefault(type, Set.of()));
            }
        }
        return seen;
    }
}
