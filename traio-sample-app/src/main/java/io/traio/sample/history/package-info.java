// SPDX-License-Identifier: Apache-2.0
/** Past searches: a scope by annotation, and a method that Spring runs as a task of it. */
@NullMarked
package io.traio.sample.history;

import org.jspecify.annotations.NullMarked;
