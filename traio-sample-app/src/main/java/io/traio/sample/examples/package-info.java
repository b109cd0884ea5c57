// SPDX-License-Identifier: Apache-2.0
/** The features of traio, one small example each. */
@NullMarked
package io.traio.sample.examples;

import org.jspecify.annotations.NullMarked;
