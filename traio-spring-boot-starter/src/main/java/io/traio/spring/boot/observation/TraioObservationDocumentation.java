// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * The observations of traio. Their names differ from those of its meters: a handler that makes meters of observations would
 * register the same names with other tags.
 */
public enum TraioObservationDocumentation implements ObservationDocumentation {

    /** From the opening of a scope to its end. */
    SCOPE {
        @Override
        public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
            return DefaultScopeObservationConvention.class;
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return ScopeLowCardinalityKeys.values();
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return ScopeHighCardinalityKeys.values();
        }
    },

    /** From the start of a task to its end; only if enabled. */
    TASK {
        @Override
        public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
            return DefaultTaskObservationConvention.class;
        }

        @Override
        public KeyName[] getLowCardinalityKeyNames() {
            return TaskLowCardinalityKeys.values();
        }

        @Override
        public KeyName[] getHighCardinalityKeyNames() {
            return TaskHighCardinalityKeys.values();
        }
    };

    /** Keys of {@link #SCOPE} with few different values. */
    public enum ScopeLowCardinalityKeys implements KeyName {

        /** {@code success}, {@code failure}, {@code timeout} or {@code cancelled}; {@code unknown} until it has ended. */
        OUTCOME {
            @Override
            public String asString() {
                return "outcome";
            }
        },

        /** Why the scope was cancelled, a {@link io.traio.spi.CancelReason}; {@code none} if it was not. */
        REASON {
            @Override
            public String asString() {
                return "reason";
            }
        }
    }

    /** Keys of {@link #SCOPE} with many different values. */
    public enum ScopeHighCardinalityKeys implements KeyName {

        /** Name of the scope, sanitized. */
        SCOPE_NAME {
            @Override
            public String asString() {
                return "scope.name";
            }
        },

        /** Id of the scope. */
        SCOPE_ID {
            @Override
            public String asString() {
                return "scope.id";
            }
        }
    }

    /** Keys of {@link #TASK} with few different values. */
    public enum TaskLowCardinalityKeys implements KeyName {

        /** {@code success}, {@code failure} or {@code cancelled}; {@code unknown} until it has ended. */
        OUTCOME {
            @Override
            public String asString() {
                return "outcome";
            }
        }
    }

    /** Keys of {@link #TASK} with many different values. */
    public enum TaskHighCardinalityKeys implements KeyName {

        /** Name of the task, sanitized. */
        TASK_NAME {
            @Override
            public String asString() {
                return "task.name";
            }
        },

        /** Id of the task. */
        TASK_ID {
            @Override
            public String asString() {
                return "task.id";
            }
        },

        /** Name of the task's scope, sanitized. */
        SCOPE_NAME {
            @Override
            public String asString() {
                return "scope.name";
            }
        }
    }
}
