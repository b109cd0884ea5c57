// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.observation.Observation;
import io.traio.Task;

/** The context of the observation of a task. */
public class TaskObservationContext extends Observation.Context {

    private final Task<?> task;

    /**
     * Creates a context.
     *
     * @param task the task that has started
     */
    public TaskObservationContext(Task<?> task) {
        this.task = task;
    }

    /**
     * Returns the task.
     *
     * @return the task
     */
    public Task<?> getTask() {
        return task;
    }
}
