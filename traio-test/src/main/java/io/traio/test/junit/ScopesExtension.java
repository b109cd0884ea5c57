// SPDX-License-Identifier: Apache-2.0
package io.traio.test.junit;

import io.traio.ScopeFactory;
import io.traio.test.TestClock;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Fails a test that leaves something behind: a scope that lives, a straggler, the interrupt flag of its thread, or a current
 * scope. The message shows the trees, with the stacks of their tasks. What was left is then cancelled, so that the next test
 * does not meet it.
 *
 * <pre>{@code
 * @ExtendWith(ScopesExtension.class)
 * class FareFinderTest {
 *
 *     @Test
 *     void search_slowSupplier_timesOut(ScopeFactory scopes, TestClock clock) { ... }
 * }
 * }</pre>
 *
 * <p>Looks at the factories in the fields of the test instance, static ones too; at the {@link ScopeFactory} beans of the
 * application context, where the class is a test of Spring's; and at the one that it gives to parameters. A parameter of type
 * {@link ScopeFactory} gets a factory of the test's own, one of type {@link TestClock} a clock, by which that factory goes if
 * the test method has such a parameter. Parameters with annotations are left to other extensions.
 *
 * <p>Scopes that lived before the test, such as those of an application, are not its own: of these it may leave tasks
 * behind, but no new stragglers. Threads of a server may need a moment more than their client: what ends by itself within
 * the patience, one second by default, was not left behind. A test that fails anyway has the report as a suppressed exception.
 *
 * <p>For all tests of a module, set {@code junit.jupiter.extensions.autodetection.enabled=true}. Tests that run in parallel
 * must not share a factory, or they see each other's scopes.
 */
public final class ScopesExtension
        implements BeforeEachCallback, AfterEachCallback, InvocationInterceptor, ParameterResolver {

    /** How long what ends by itself may take, unless the extension is registered with another patience. */
    public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(1);

    private static final Namespace NAMESPACE = Namespace.create(ScopesExtension.class);

    private final Duration patience;

    /** Constructs an extension with the {@link #DEFAULT_PATIENCE}. */
    public ScopesExtension() {
        this(DEFAULT_PATIENCE);
    }

    /**
     * Constructs an extension, for {@link org.junit.jupiter.api.extension.RegisterExtension}.
     *
     * @param patience how long scopes and stragglers may take, after a test, to end by themselves
     * @throws NullPointerException if the patience is null
     */
    public ScopesExtension(Duration patience) {
        this.patience = Objects.requireNonNull(patience, "patience");
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        ofTest(context).begin(Factories.inFields(context), Factories.inApplicationContext(context));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        ofTest(context).end(Factories.inFields(context), patience);
    }

    private static Belongings ofTest(ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        Belongings known = store.get(Belongings.class, Belongings.class);
        if (known != null) {
            return known;
        }
        Belongings belongings = new Belongings();
        store.put(Belongings.class, belongings);
        return belongings;
    }

    // ---- parameters ----

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getTestMethod().isPresent()
                && parameter.getDeclaringExecutable() instanceof Method
                && parameter.getParameter().getAnnotations().length == 0
                && List.of(ScopeFactory.class, TestClock.class)
                        .contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Belongings belongings = ofTest(context);
        if (parameter.getParameter().getType() == TestClock.class) {
            return belongings.clock();
        }
        List<Class<?>> asked = Arrays.asList(context.getRequiredTestMethod().getParameterTypes());
        return belongings.factory(asked.contains(TestClock.class));
    }

    // ---- on the thread of the test, which need not be that of the callbacks ----

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        ThreadCheck.around(test::proceed);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        ThreadCheck.around(test::proceed);
    }

    @Override
    public void interceptDynamicTest(
            Invocation<@Nullable Void> test, DynamicTestInvocationContext dynamic, ExtensionContext context)
            throws Throwable {
        ThreadCheck.around(test::proceed);
    }
}
