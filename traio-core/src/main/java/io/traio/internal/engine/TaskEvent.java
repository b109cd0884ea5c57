// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** Flight recorder event: a task, from its start to its end. Touched by {@link FlightEvents} only. */
@Name("io.traio.Task")
@Label("Task")
@Category("traio")
@Description("A task, from its start to its end")
@StackTrace(false)
final class TaskEvent extends Event {

    @Label("Task Id")
    long taskId;

    @Label("Task")
    @Nullable
    String name;

    @Label("Scope Id")
    long scopeId;

    @Label("Scope")
    @Nullable
    String scopeName;

    @Label("Outcome")
    @Description("SUCCEEDED, FAILED or CANCELLED")
    @Nullable
    String outcome;

    @Label("Exception")
    @Description("Class of its failure; null if there is none")
    @Nullable
    String exception;
}
