// SPDX-License-Identifier: Apache-2.0
/** The health contributor {@code scopes}, which is down while stragglers exist. */
@NullMarked
package io.traio.spring.boot.health;

import org.jspecify.annotations.NullMarked;
