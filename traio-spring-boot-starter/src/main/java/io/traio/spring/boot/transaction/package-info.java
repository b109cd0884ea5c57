// SPDX-License-Identifier: Apache-2.0
/** The guard against tasks that are spawned in transactions. */
@NullMarked
package io.traio.spring.boot.transaction;

import org.jspecify.annotations.NullMarked;
