// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.transaction;

import io.traio.spi.ContextPropagator;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * Watches for tasks that are spawned while a transaction is active on the spawning thread. Such a task takes no part in
 * the transaction: what it reads and writes happens outside, is not rolled back with it, and may wait for its locks.
 *
 * <p>It is a propagator since it is asked for context on the spawning thread before anything is started; it carries none.
 *
 * <p>Safe for use by several threads.
 */
public final class TransactionGuard implements ContextPropagator {

    private static final Logger LOGGER = LoggerFactory.getLogger(TransactionGuard.class);
    private static final Set<String> OWN_PACKAGES = Set.of(
            "io.traio",
            "io.traio.spring.boot.annotation",
            "io.traio.spring.boot.context",
            "io.traio.spring.boot.task",
            "io.traio.spring.boot.transaction",
            "io.traio.spring.boot.web");
    /** What calls in the name of others. */
    private static final List<String> INFRASTRUCTURE = List.of(
            "java.",
            "javax.",
            "jdk.",
            "sun.",
            "com.sun.",
            "org.aopalliance.",
            "org.springframework.",
            "io.micrometer.",
            "reactor.");
    /** Spring's own sample applications are users. */
    private static final String SAMPLES = "org.springframework.samples.";

    private static final int MAX_PLACES = 1_000;

    private final boolean failing;
    /** Where it was warned of: once for each place is enough. */
    private final Set<String> places = ConcurrentHashMap.newKeySet();

    private TransactionGuard(boolean failing) {
        this.failing = failing;
    }

    /**
     * A guard that logs a warning, once for each place that spawns.
     *
     * @return a new guard
     */
    public static TransactionGuard warning() {
        return new TransactionGuard(false);
    }

    /**
     * A guard that has {@code spawn} throw {@link IllegalTransactionStateException}.
     *
     * @return a new guard
     */
    public static TransactionGuard failing() {
        return new TransactionGuard(true);
    }

    @Override
    public @Nullable Snapshot capture() {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            found();
        }
        return null;
    }

    private void found() {
        String name = TransactionSynchronizationManager.getCurrentTransactionName();
        String transaction = name != null ? "the transaction '" + name + "'" : "a transaction";
        if (failing) {
            throw new IllegalTransactionStateException(
                    "A task cannot be spawned in " + transaction
                            + ": it would take no part in it. Spawn it before or after, or set traio.transaction-guard=warn|off");
        }
        String place = place();
        if (places.size() < MAX_PLACES && places.add(place)) {
            LOGGER.warn(
                    "A task was spawned in {} at {}: it takes no part in it and may wait for its locks. Spawn it before or"
                            + " after; traio.transaction-guard=fail makes this an error, =off is silent",
                    transaction,
                    place);
        }
    }

    /** The code that spawns: the first on the stack that is neither traio's nor does as it was told. */
    private static String place() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.filter(frame -> isOfUser(frame.getDeclaringClass()))
                        .findFirst()
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .map(StackTraceElement::toString)
                        .orElse("an unknown place"));
    }

    private static boolean isOfUser(Class<?> type) {
        String name = type.getName();
        return !OWN_PACKAGES.contains(type.getPackageName())
                && (name.startsWith(SAMPLES) || INFRASTRUCTURE.stream().noneMatch(name::startsWith))
                && !Proxy.isProxyClass(type)
                && !name.contains(ClassUtils.CGLIB_CLASS_SEPARATOR);
    }
}
