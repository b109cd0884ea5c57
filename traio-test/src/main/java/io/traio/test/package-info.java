// SPDX-License-Identifier: Apache-2.0
/**
 * For tests of code that uses scopes: a clock that stands still, factories that run tasks in the order of spawning, and trees
 * of what lives. Needs {@code traio-core} only.
 */
@NullMarked
package io.traio.test;

import org.jspecify.annotations.NullMarked;
