// SPDX-License-Identifier: Apache-2.0
/** The end of all scopes with the end of the application. */
@NullMarked
package io.traio.spring.boot.lifecycle;

import org.jspecify.annotations.NullMarked;
