// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.jdbc;

import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import javax.sql.DataSource;
import net.ttddyy.dsproxy.support.ProxyDataSource;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.scope.ScopedObject;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.NativeDetector;
import org.springframework.util.ClassUtils;

/**
 * Has the statements of {@link DataSource} beans cancelled with the scope that they are executed in. A statement gets a query
 * timeout of no more than the time that remains, in seconds, rounded up. The thread is interrupted only if the statement does
 * not end in time, so that a cancelled statement costs no connection; nor do rollbacks and the like meet the interrupt.
 *
 * <p>Beans keep their class, unless it is final or the application is a native image. Connections are proxied; what is
 * unwrapped from a data source or connection is not.
 */
public final class StatementCancellationPostProcessor implements BeanPostProcessor {

    private static final Logger LOGGER = LoggerFactory.getLogger(StatementCancellationPostProcessor.class);
    private static final String SCOPED_TARGET = "scopedTarget.";
    private static final boolean HIKARI = ClassUtils.isPresent(
            "com.zaxxer.hikari.SQLExceptionOverride", StatementCancellationPostProcessor.class.getClassLoader());

    private final StatementCancellation listener;
    private final Set<String> excludedBeans;

    /**
     * Creates a post-processor.
     *
     * @param minRemaining no statement is begun if less than this remains until the deadline
     * @param interruptAfter how long a cancelled statement may take to end before its thread is interrupted
     * @param excludedBeans names of beans that are left alone
     * @throws NullPointerException if an argument is null
     */
    public StatementCancellationPostProcessor(
            Duration minRemaining, Duration interruptAfter, Collection<String> excludedBeans) {
        this.listener = new StatementCancellation(
                Objects.requireNonNull(minRemaining, "minRemaining"),
                Objects.requireNonNull(interruptAfter, "interruptAfter"));
        this.excludedBeans = Set.copyOf(excludedBeans);
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        // The target of a scoped proxy is a bean of its own.
        if (!(bean instanceof DataSource dataSource) || bean instanceof ScopedObject || isExcluded(beanName)) {
            return bean;
        }
        if (HIKARI) {
            HikariPools.keepCancelled(dataSource, beanName);
        }
        if (dataSource instanceof ProxyDataSource proxied) {
            proxied.getProxyConfig().getMethodListener().addListener(listener);
            return proxied;
        }
        return proxy(dataSource, beanName);
    }

    private boolean isExcluded(String beanName) {
        String name = beanName.startsWith(SCOPED_TARGET) ? beanName.substring(SCOPED_TARGET.length()) : beanName;
        return excludedBeans.contains(name);
    }

    private DataSource proxy(DataSource dataSource, String beanName) {
        ProxyDataSource proxied = ProxyDataSourceBuilder.create(beanName, dataSource)
                .jdbcProxyFactory(new StreamedResultSets())
                .proxyResultSet()
                .methodListener(listener)
                .build();
        Class<?> type = dataSource.getClass();
        if (NativeDetector.inNativeImage()) {
            return proxied;
        }
        MethodInterceptor connections = invocation -> {
            if (!invocation.getMethod().getName().equals("getConnection")) {
                return invocation.proceed();
            }
            @Nullable Object[] arguments = invocation.getArguments();
            return arguments.length == 0
                    ? proxied.getConnection()
                    : proxied.getConnection((String) arguments[0], (String) arguments[1]);
        };
        if (!Modifier.isFinal(type.getModifiers()) && !Proxy.isProxyClass(type)) {
            try {
                return (DataSource)
                        factory(dataSource, connections, /* ofClass= */ true).getProxy(type.getClassLoader());
            } catch (AopConfigException e) {
                LOGGER.debug("No class proxy for the bean {}; it gets one of its interfaces", beanName, e);
            }
        }
        return (DataSource)
                factory(dataSource, connections, /* ofClass= */ false).getProxy(type.getClassLoader());
    }

    private static ProxyFactory factory(DataSource target, MethodInterceptor advice, boolean ofClass) {
        ProxyFactory factory = new ProxyFactory(target);
        factory.setProxyTargetClass(ofClass);
        factory.addAdvice(advice);
        return factory;
    }
}
