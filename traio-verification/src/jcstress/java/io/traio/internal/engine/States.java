// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import io.traio.FactoryOptions;
import io.traio.ScopeOptions;
import io.traio.TaskOptions;
import java.util.concurrent.Callable;
import org.slf4j.helpers.NOPLogger;

/** Makes the scopes and tasks that the stress tests are about. */
final class States {

    private static final Engine ENGINE = new Engine(FactoryOptions.DEFAULT.withLogger(NOPLogger.NOP_LOGGER));

    private States() {}

    static ScopeNode scope(boolean shared) {
        return new ScopeHandle(ENGINE, null, "scope", ScopeOptions.DEFAULT, shared, /* now= */ 0);
    }

    /** A task that was counted in, and has no thread. */
    static <T> TaskNode<T> task(ScopeNode scope, Callable<T> work, int initialState) {
        Admission.admit(scope, /* awaited= */ true);
        return new TaskNode<>(scope, "task", work, TaskOptions.DEFAULT, /* context= */ null, initialState);
    }
}
