// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.traio.Scope;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TransactionGuardTest {

    private static final Set<String> SPAWNING = Set.of("spawn", "spawnToJoin", "trySpawn", "await", "start");

    /** Else a place in traio would be reported, and one for all that spawn by it. */
    @Test
    void ownPackages_areAllThatSpawn() {
        JavaClasses traio = new ClassFileImporter()
                .importUrls(List.of(
                        Scope.class.getProtectionDomain().getCodeSource().getLocation(),
                        TransactionGuard.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()));

        Set<String> spawn = traio.stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().isAssignableTo(Scope.class))
                .filter(call -> SPAWNING.contains(call.getTarget().getName()))
                .map(JavaCall::getOriginOwner)
                .map(type -> type.getPackageName())
                .collect(Collectors.toSet());

        assertThat(spawn).contains("io.traio.internal.operators");
        assertThat(TransactionGuard.OWN_PACKAGES).containsAll(spawn);
    }
}
