// SPDX-License-Identifier: Apache-2.0
/** What traio does, one small example at a time. */
@NullMarked
package io.traio.sample.examples;

import org.jspecify.annotations.NullMarked;
