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
 * Detects tasks that are spawned while a transaction is active on the spawning thread. Such a task does not take part in
 * the transaction: its reads and writes are outside it, are not rolled back with it, and may wait for its locks.
 *
 * <p>It is a propagator because those are called on the spawning thread before the task starts. It propagates nothing.
 *
 * <p>Thread-safe.
 */
public final class TransactionGuard implements ContextPropagator {

    private static final Logger LOGGER = LoggerFactory.getLogger(TransactionGuard.class);
    /** Packages of traio between the code that spawns and this class. */
    private static final Set<String> OWN_PACKAGES = Set.of(
            "io.traio",
            "io.traio.internal",
            "io.traio.internal.engine",
            "io.traio.spring.boot.inscope",
            "io.traio.spring.boot.internal",
            "io.traio.spring.boot.propagation",
            "io.traio.spring.boot.request",
            "io.traio.spring.boot.task",
            "io.traio.spring.boot.transaction");
    /** Packages whose code calls on behalf of the application. */
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
    /** Spring's sample applications are applications all the same. */
    private static final String SAMPLES = "org.springframework.samples.";

    private static final int MAX_PLACES = 1_000;

    private final boolean failing;
    /** The places that were logged: once for each is enough. */
    private final Set<String> places = ConcurrentHashMap.newKeySet();

    private TransactionGuard(boolean failing) {
        this.failing = failing;
    }

    /**
     * Returns a guard that logs a warning, once for each place that spawns.
     *
     * @return a new guard
     */
    public static TransactionGuard warning() {
        return new TransactionGuard(false);
    }

    /**
     * Returns a guard that has {@code spawn} throw {@link IllegalTransactionStateException}.
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
            throw new IllegalTransactionStateException("A task cannot be spawned in " + transaction
                    + ": it would not take part in it. Spawn it before or after the transaction, or set"
                    + " traio.transaction-guard=warn|off");
        }
        String place = place();
        if (places.size() < MAX_PLACES && places.add(place)) {
            LOGGER.warn(
                    "A task was spawned in {} at {}: it does not take part in the transaction and may wait for its locks."
                            + " Spawn it before or after; traio.transaction-guard=fail rejects such tasks, =off ignores them",
                    transaction,
                    place);
        }
    }

    /** Returns the code that spawns: the first on the stack that belongs neither to traio nor to infrastructure. */
    private static String place() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.filter(frame -> isOfApplication(frame.getDeclaringClass()))
                        .findFirst()
                        .map(StackWalker.StackFrame::toStackTraceElement)
                        .map(StackTraceElement::toString)
                        .orElse("an unknown place"));
    }

    private static boolean isOfApplication(Class<?> type) {
        String name = type.getName();
        return !OWN_PACKAGES.contains(type.getPackageName())
                && (name.startsWith(SAMPLES) || INFRASTRUCTURE.stream().noneMatch(name::startsWith))
                && !Proxy.isProxyClass(type)
                && !name.contains(ClassUtils.CGLIB_CLASS_SEPARATOR);
    }
}
