// SPDX-License-Identifier: Apache-2.0
/** What can be plugged into the engine: listeners, context, time. For integrators; users of scopes need none of it. */
@NullMarked
package io.traio.spi;

import org.jspecify.annotations.NullMarked;
