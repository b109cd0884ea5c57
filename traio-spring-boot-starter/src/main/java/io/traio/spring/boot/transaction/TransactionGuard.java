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
 * the transaction: its reads and writes are outside it, are not rolled back with it, and may wait for its locks. After the
 * commit, where {@code @TransactionalEventListener}s are called by default, nothing is left to take part in.
 *
 * <p>Also warns, once, if a task is spawned while Spring keeps a JPA {@code EntityManager} open for a whole request. That may
 * hold a connection while tasks of the request wait for others.
 *
 * <p>It is a propagator because those are called on the spawning thread before the task starts. It propagates nothing.
 *
 * <p>Thread-safe.
 */
public final class TransactionGuard implements ContextPropagator {

    private static final Logger LOGGER = LoggerFactory.getLogger(TransactionGuard.class);
    /** Packages of traio that may be between the code that spawns and this class. */
    static final Set<String> OWN_PACKAGES = Set.of(
            "io.traio",
            "io.traio.internal",
            "io.traio.internal.engine",
            "io.traio.internal.operators",
            "io.traio.kotlin",
            "io.traio.spring.boot.http",
            "io.traio.spring.boot.inscope",
            "io.traio.spring.boot.internal",
            "io.traio.spring.boot.propagation",
            "io.traio.spring.boot.reactor",
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
    private static final String ENTITY_MANAGER_HOLDER = "org.springframework.orm.jpa.EntityManagerHolder";

    private final boolean failing;
    /** The places that were logged: once for each is enough. */
    private final Set<String> places = ConcurrentHashMap.newKeySet();

    /** Whether to look for an {@code EntityManager}: until one was found, where there is JPA. */
    private volatile boolean looksForOpenInView =
            ClassUtils.isPresent(ENTITY_MANAGER_HOLDER, TransactionGuard.class.getClassLoader());

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
            // Without synchronization the transaction has been completed, and its listeners are being called.
            if (TransactionSynchronizationManager.isSynchronizationActive()) {
                found();
            }
        } else if (looksForOpenInView && isEntityManagerOpen()) {
            looksForOpenInView = false;
            LOGGER.warn(
                    "A task was spawned at {} while an EntityManager is open for the whole request: the task does not share"
                            + " it, and needs a second connection once the request holds one. With a small pool they wait for"
                            + " each other. Set spring.jpa.open-in-view=false; further places are not reported",
                    place());
        }
        return null;
    }

    private static boolean isEntityManagerOpen() {
        for (Object resource :
                TransactionSynchronizationManager.getResourceMap().values()) {
            for (Class<?> type = resource.getClass(); type != null; type = type.getSuperclass()) {
                if (type.getName().equals(ENTITY_MANAGER_HOLDER)) {
                    return true;
                }
            }
        }
        return false;
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
