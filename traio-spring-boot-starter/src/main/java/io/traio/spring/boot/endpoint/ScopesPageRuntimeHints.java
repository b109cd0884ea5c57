// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/** Includes the live page in a native image. */
final class ScopesPageRuntimeHints implements RuntimeHintsRegistrar {

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.resources()
                .registerPattern(ScopesPage.class.getPackageName().replace('.', '/') + "/" + ScopesPage.RESOURCES);
    }
}
