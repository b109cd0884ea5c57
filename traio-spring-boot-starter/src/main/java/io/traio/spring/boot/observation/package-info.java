// SPDX-License-Identifier: Apache-2.0
/** Micrometer observations of scopes and tasks: spans, where the application traces. */
@NullMarked
package io.traio.spring.boot.observation;

import org.jspecify.annotations.NullMarked;
