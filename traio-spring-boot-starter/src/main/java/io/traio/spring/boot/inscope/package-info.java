// SPDX-License-Identifier: Apache-2.0
/**
 * Scopes declared by the annotation {@link io.traio.spring.boot.inscope.InScope @InScope}.
 *
 * <p>{@link io.traio.spring.boot.inscope.InScopePostProcessor} advises beans that {@code InScopeClassFilter} lets through.
 * {@code InScopeInterceptor} opens the scope of a call, with the {@code InScopeAttributes} of its method.
 */
@NullMarked
package io.traio.spring.boot.inscope;

import org.jspecify.annotations.NullMarked;
