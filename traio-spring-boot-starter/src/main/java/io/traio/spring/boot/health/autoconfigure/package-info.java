// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of the health contributor {@code scopes}. */
@NullMarked
package io.traio.spring.boot.health.autoconfigure;

import org.jspecify.annotations.NullMarked;
