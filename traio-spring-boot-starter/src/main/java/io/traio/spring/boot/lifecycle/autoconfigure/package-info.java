// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of the end of all scopes with the end of the application. */
@NullMarked
package io.traio.spring.boot.lifecycle.autoconfigure;

import org.jspecify.annotations.NullMarked;
