// SPDX-License-Identifier: Apache-2.0
/** Micrometer meters of scopes and tasks. */
@NullMarked
package io.traio.spring.boot.metrics;

import org.jspecify.annotations.NullMarked;
