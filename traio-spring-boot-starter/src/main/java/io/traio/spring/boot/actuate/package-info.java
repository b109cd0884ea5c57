// SPDX-License-Identifier: Apache-2.0
/** The actuator endpoint {@code scopes}: what lives now, and a way to cancel it. */
@NullMarked
package io.traio.spring.boot.actuate;

import org.jspecify.annotations.NullMarked;
