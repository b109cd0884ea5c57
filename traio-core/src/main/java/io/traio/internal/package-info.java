// SPDX-License-Identifier: Apache-2.0
/** Not for use outside of traio. */
@NullMarked
package io.traio.internal;

import org.jspecify.annotations.NullMarked;
