// SPDX-License-Identifier: Apache-2.0
/** What traio costs, beside bare threads and beside its peers. {@link io.traio.benchmarks.Main} is the way in. */
@NullMarked
package io.traio.benchmarks;

import org.jspecify.annotations.NullMarked;
