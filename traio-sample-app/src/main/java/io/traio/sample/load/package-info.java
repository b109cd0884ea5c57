// SPDX-License-Identifier: Apache-2.0
/** Puts the application under load, so that there is something to see: a scope that outlives its request. */
@NullMarked
package io.traio.sample.load;

import org.jspecify.annotations.NullMarked;
