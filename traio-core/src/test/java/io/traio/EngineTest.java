// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs once for each way of getting threads. Its parameters may be an {@link Harness}, a {@link
 * ScopeFactory}, a {@link io.traio.test.TestClock} (which the factory then goes by), and the {@link Threads}. After the
 * test the {@link Harness} checks that nothing was left behind.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(EngineExtension.class)
@Timeout(value = 40, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public @interface EngineTest {

    /** Where the tasks of a test get their threads from. */
    public enum Threads {
        /** What the engine does when no executor is given: virtual threads from JDK 21 on, a pool of its own before. */
        DEFAULT,
        /** A platform thread for each task. */
        FACTORY,
        /** An executor with {@link EngineTest#pool()} threads. */
        POOL,
        /** An executor with one thread. */
        ONE,
        /** An executor with one thread and room for one command more; the caller runs the others. */
        CALLER_RUNS
    }

    Threads[] on() default {Threads.DEFAULT, Threads.FACTORY, Threads.POOL};

    /** How many threads the bounded pool has: as many as the test needs to run at the same time beside its own. */
    int pool() default 2;
}
