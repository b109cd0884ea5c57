// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import io.traio.spring.boot.endpoint.ScopesDescriptor.TaskDescriptor;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.annotation.ReflectiveRuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.context.annotation.ImportRuntimeHints;

/** What a native image must keep of the endpoint. */
class ScopesEndpointRuntimeHintsTest {

    private final RuntimeHints hints = new RuntimeHints();

    @ParameterizedTest
    @ValueSource(classes = {ScopesEndpointWebExtension.class, ReactiveScopesEndpointWebExtension.class})
    void hints_ofTheExtension_keepThePage(Class<?> extension) {
        assertThat(extension.getAnnotation(ImportRuntimeHints.class).value())
                .containsExactly(ScopesPageRuntimeHints.class);
        new ScopesPageRuntimeHints().registerHints(hints, null);
        for (String file : List.of("scopes.html", "scopes.css", "scopes.js", "scopes-recent.js")) {
            String page = "io/traio/spring/boot/endpoint/" + file;
            assertThat(RuntimeHintsPredicates.resource().forResource(page)).accepts(hints);
            assertThat(getClass().getClassLoader().getResource(page)).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                ScopesDescriptor.class,
                ScopeDescriptor.class,
                TaskDescriptor.class,
                ScopeDetailDescriptor.class,
                RecentScopesDescriptor.class,
                RecentScopesDescriptor.RecentScopeDescriptor.class,
                RecentScopesDescriptor.NameDescriptor.class
            })
    void hints_ofTheOperations_keepWhatIsAnswered(Class<?> type) {
        new ReflectiveRuntimeHintsRegistrar()
                .registerRuntimeHints(hints, ScopesEndpoint.class, ScopesEndpointWebExtension.class);
        assertThat(RuntimeHintsPredicates.reflection()
                        .onType(type)
                        .withMemberCategory(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS))
                .accepts(hints);
    }
}
