// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory.autoconfigure;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;

/**
 * Fails the start on Spring Boot 3 with a sentence, before any other class of the starter is loaded: many of those that they
 * need are in other packages there. It uses what both have.
 */
final class SpringBootVersionCheck implements AutoConfigurationImportFilter {

    private static final int OLDEST = 4;

    SpringBootVersionCheck() {
        check(SpringBootVersion.getVersion());
    }

    static void check(String version) {
        int dot = version.indexOf('.');
        if (dot > 0 && Integer.parseInt(version.substring(0, dot)) < OLDEST) {
            throw new IllegalStateException("traio-spring-boot-starter needs Spring Boot " + OLDEST
                    + " or newer, but this application runs on Spring Boot " + version
                    + ". Update Spring Boot, or depend on traio-core and create a ScopeFactory yourself");
        }
    }

    @Override
    public boolean[] match(@Nullable String[] classes, AutoConfigurationMetadata metadata) {
        boolean[] all = new boolean[classes.length];
        Arrays.fill(all, true);
        return all;
    }
}
