// SPDX-License-Identifier: Apache-2.0
/** Measures what traio costs, compared with bare threads and its peers. Start at {@link io.traio.benchmarks.Main}. */
@NullMarked
package io.traio.benchmarks;

import org.jspecify.annotations.NullMarked;
