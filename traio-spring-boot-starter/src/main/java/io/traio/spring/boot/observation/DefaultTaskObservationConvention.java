// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.common.KeyValues;
import io.traio.Task;
import io.traio.spring.boot.observation.TraioObservationDocumentation.TaskHighCardinalityKeys;
import io.traio.spring.boot.observation.TraioObservationDocumentation.TaskLowCardinalityKeys;

/** The default convention for tasks, as {@link TraioObservationDocumentation#TASK} documents it. */
public class DefaultTaskObservationConvention implements TaskObservationConvention {

    /** Creates a convention. */
    public DefaultTaskObservationConvention() {}

    @Override
    public String getName() {
        return "traio.observation.task";
    }

    @Override
    public String getContextualName(TaskObservationContext context) {
        return "task " + context.getTask().displayName();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(TaskObservationContext context) {
        return KeyValues.of(TaskLowCardinalityKeys.OUTCOME.withValue(
                outcome(context.getTask().status())));
    }

    private static String outcome(Task.Status status) {
        return switch (status) {
            case SUCCEEDED -> "success";
            case FAILED -> "failure";
            case CANCELLED -> "cancelled";
            default -> "unknown";
        };
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(TaskObservationContext context) {
        Task<?> task = context.getTask();
        return KeyValues.of(
                TaskHighCardinalityKeys.TASK_NAME.withValue(task.displayName()),
                TaskHighCardinalityKeys.TASK_ID.withValue(Long.toString(task.id())),
                TaskHighCardinalityKeys.SCOPE_NAME.withValue(task.scope().displayName()));
    }
}
