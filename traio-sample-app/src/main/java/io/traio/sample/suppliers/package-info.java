// SPDX-License-Identifier: Apache-2.0
/** The suppliers that the fare finder asks: they stand for other companies, but run in this process. */
@NullMarked
package io.traio.sample.suppliers;

import org.jspecify.annotations.NullMarked;
