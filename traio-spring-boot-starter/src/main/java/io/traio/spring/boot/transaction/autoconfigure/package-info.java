// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of the guard against tasks that are spawned in transactions. */
@NullMarked
package io.traio.spring.boot.transaction.autoconfigure;

import org.jspecify.annotations.NullMarked;
