// SPDX-License-Identifier: Apache-2.0
/** Deadlines across services: a header tells the next service how much time is left. */
@NullMarked
package io.traio.spring.boot.deadline;

import org.jspecify.annotations.NullMarked;
