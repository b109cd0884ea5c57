// SPDX-License-Identifier: Apache-2.0
/** The sample application. */
@NullMarked
package io.traio.sample;

import org.jspecify.annotations.NullMarked;
