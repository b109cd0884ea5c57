// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One step of a random program. What it opens or spawns, and what it refers to, has a number; -1 stands for none. */
final class Step {

    enum Op {
        /** Blocks so that an interrupt ends it. */
        SLEEP,
        /** Takes processor time. */
        BUSY,
        /** Blocks, and goes on after an interrupt. */
        IGNORE,
        FAIL,
        RUN,
        CALL,
        OPEN,
        SHARED,
        SPAWN,
        JOIN,
        CANCEL_TASK,
        CANCEL,
        AWAIT_DONE,
        SET_TIMEOUT,
        ON_TASK_DONE,
        ON_SCOPE_DONE,
        DEFER,
        FUTURE,
        TRY,
        /** Code with a hook for its cancellation, for which the interrupt may wait. */
        HOOK,
        INTERRUPT,
        INTERRUPT_SELF,
        LOOK,
        CLOSE_FACTORY
    }

    /** How a step is done; which values a step knows is for {@link TreeMaker} to choose. */
    enum How {
        PLAIN,
        // SLEEP, IGNORE
        QUEUE_POLL,
        KEEP_FLAG,
        // FAIL and CANCEL
        UNCHECKED,
        CHECKED,
        ERROR,
        SHARED_INSTANCE,
        INTERRUPTION_INSIDE,
        // SPAWN
        UNNAMED,
        TRY_SPAWN,
        AWAIT,
        // JOIN and FUTURE
        GET,
        TIMED_GET,
        DROP,
        LOOK,
        // ends of OPEN and SHARED
        NO_JOIN,
        COMPLETE_ONLY,
        CLOSE_ONLY,
        CANCEL_AND_AWAIT,
        // TRY
        SWALLOW_INTERRUPT,
        SWALLOW_CANCELLED,
        SWALLOW_ALL,
        WRAP,
        WRAP_CHECKED,
        WRAP_AND_KEEP_FLAG,
        CANCEL_AND_RETHROW,
        FINALLY
    }

    final Op op;
    How how = How.PLAIN;
    int id = -1;
    int target = -1;
    int micros = -1;
    Options.OfScope scopeOptions = Options.OfScope.NONE;
    Options.OfTask taskOptions = Options.OfTask.NONE;
    final List<Step> body = new ArrayList<>();
    final List<Step> cleanup = new ArrayList<>();

    Step(Op op) {
        this.op = op;
    }

    void forEach(Consumer<Step> action) {
        action.accept(this);
        body.forEach(step -> step.forEach(action));
        cleanup.forEach(step -> step.forEach(action));
    }

    static String text(List<Step> steps, String indent) {
        StringBuilder text = new StringBuilder();
        steps.forEach(step -> step.write(text, indent));
        return text.toString();
    }

    private void write(StringBuilder text, String indent) {
        text.append(indent).append(op);
        if (how != How.PLAIN) {
            text.append(' ').append(how);
        }
        if (id >= 0) {
            text.append(" #").append(id);
        }
        if (target >= 0) {
            text.append(op == Op.SPAWN || id >= 0 ? " in #" : " of #").append(target);
        }
        if (micros >= 0) {
            text.append(' ').append(micros).append("us");
        }
        text.append(scopeOptions).append(taskOptions).append('\n');
        body.forEach(step -> step.write(text, indent + "    "));
        if (!cleanup.isEmpty()) {
            text.append(indent).append("finally\n");
            cleanup.forEach(step -> step.write(text, indent + "    "));
        }
    }
}
