// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.observation.Observation;
import io.traio.Task;

/** What the observation of a task is about. */
public class TaskObservationContext extends Observation.Context {

    private final Task<?> task;

    /**
     * Makes a context.
     *
     * @param task the task that has started
     */
    public TaskObservationContext(Task<?> task) {
        this.task = task;
    }

    /**
     * The task.
     *
     * @return the task
     */
    public Task<?> getTask() {
        return task;
    }
}
