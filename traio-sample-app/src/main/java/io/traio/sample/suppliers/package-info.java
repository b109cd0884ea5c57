// SPDX-License-Identifier: Apache-2.0
/** The suppliers that the fare finder asks: other companies, which happen to live in this process. */
@NullMarked
package io.traio.sample.suppliers;

import org.jspecify.annotations.NullMarked;
