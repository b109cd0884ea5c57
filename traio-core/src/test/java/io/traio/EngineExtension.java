// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.test.TestClock;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Runs an {@link EngineTest} once for each of its {@link EngineTest.Threads}, with an {@link Harness} each time. */
public final class EngineExtension implements TestTemplateInvocationContextProvider {

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getRequiredTestMethod().isAnnotationPresent(EngineTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        Method method = context.getRequiredTestMethod();
        EngineTest test = method.getAnnotation(EngineTest.class);
        boolean clocked = List.of(method.getParameterTypes()).contains(TestClock.class);
        return Stream.of(test.on()).map(threads -> new Invocation(new Harness(threads, test.pool(), clocked)));
    }

    private record Invocation(Harness harness)
            implements TestTemplateInvocationContext, ParameterResolver, InvocationInterceptor {

        @Override
        public String getDisplayName(int invocationIndex) {
            return harness.threads().toString();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return List.of(Harness.class, ScopeFactory.class, TestClock.class, EngineTest.Threads.class)
                    .contains(parameter.getParameter().getType());
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            Class<?> type = parameter.getParameter().getType();
            if (type == Harness.class) {
                return harness;
            }
            if (type == TestClock.class) {
                return harness.clock();
            }
            return type == ScopeFactory.class ? harness.scopes() : harness.threads();
        }

        /** On the thread of the test, unlike a callback after the test. */
        @Override
        public void interceptTestTemplateMethod(
                InvocationInterceptor.Invocation<Void> invocation,
                ReflectiveInvocationContext<Method> invocationContext,
                ExtensionContext extensionContext)
                throws Throwable {
            harness.begin();
            try {
                invocation.proceed();
                harness.checkThisThread();
            } catch (Throwable e) {
                harness.abandon();
                throw e;
            }
            harness.close();
        }
    }
}
