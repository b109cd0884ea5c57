// SPDX-License-Identifier: Apache-2.0
/** The fare finder: asks all suppliers at once and does not wait for the slow ones. */
@NullMarked
package io.traio.sample.quotes;

import org.jspecify.annotations.NullMarked;
