// SPDX-License-Identifier: Apache-2.0
/** Transactions and scopes. */
@NullMarked
package io.traio.spring.boot.transaction;

import org.jspecify.annotations.NullMarked;
