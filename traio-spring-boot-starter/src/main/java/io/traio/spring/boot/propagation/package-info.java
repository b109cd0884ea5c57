// SPDX-License-Identifier: Apache-2.0
/**
 * Micrometer context-propagation and scopes.
 *
 * <p>{@link io.traio.spring.boot.propagation.MicrometerContextPropagator} propagates context to tasks.
 * {@link io.traio.spring.boot.propagation.ScopeThreadLocalAccessor} propagates the current scope to Reactor and other
 * executors.
 */
@NullMarked
package io.traio.spring.boot.propagation;

import org.jspecify.annotations.NullMarked;
