// SPDX-License-Identifier: Apache-2.0
/** Micrometer context-propagation and scopes: context travels into tasks, and the current scope travels elsewhere. */
@NullMarked
package io.traio.spring.boot.context;

import org.jspecify.annotations.NullMarked;
