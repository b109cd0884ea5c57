// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** Flight recorder event: a scope, from its opening to its end. Touched by {@link FlightEvents} only. */
@Name("io.traio.Scope")
@Label("Scope")
@Category("traio")
@Description("A scope, from its opening to its end")
@StackTrace(false)
final class ScopeEvent extends Event {

    @Label("Scope Id")
    long scopeId;

    @Label("Scope")
    @Nullable
    String name;

    @Label("Parent Id")
    @Description("Id of the parent scope; 0 for a root")
    long parentId;

    @Label("Outcome")
    @Description("SUCCESS, FAILURE, TIMEOUT or CANCELLED")
    @Nullable
    String outcome;

    @Label("Reason")
    @Description("Why it was cancelled; null if it ended by itself")
    @Nullable
    String reason;

    @Label("Exception")
    @Description("Class of what its exit throws; null if it ends silently")
    @Nullable
    String exception;
}
