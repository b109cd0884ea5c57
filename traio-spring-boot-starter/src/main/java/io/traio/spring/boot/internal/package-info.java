// SPDX-License-Identifier: Apache-2.0
/**
 * Helpers of several features; not for applications, and without any compatibility.
 *
 * <p>{@link io.traio.spring.boot.internal.LazyScope} is a scope that is opened on first use.
 * {@link io.traio.spring.boot.internal.Rethrow} throws any exception as it is. They depend on no feature.
 */
@NullMarked
package io.traio.spring.boot.internal;

import org.jspecify.annotations.NullMarked;
