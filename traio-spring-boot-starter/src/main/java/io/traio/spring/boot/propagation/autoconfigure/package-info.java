// SPDX-License-Identifier: Apache-2.0
/**
 * Auto-configuration of propagation.
 *
 * <p>{@code ScopeAccessorRegistration} keeps the accessor of the current scope in the registry of the process while a
 * context lives.
 */
@NullMarked
package io.traio.spring.boot.propagation.autoconfigure;

import org.jspecify.annotations.NullMarked;
