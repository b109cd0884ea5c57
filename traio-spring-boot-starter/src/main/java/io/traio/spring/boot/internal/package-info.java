// SPDX-License-Identifier: Apache-2.0
/**
 * Helpers of several features; not for applications, and without any compatibility.
 *
 * <p>{@link io.traio.spring.boot.internal.LazyScope} is a scope that is opened on first use, and
 * {@link io.traio.spring.boot.internal.HandlerScope} one of the code that handles a request or a call.
 * {@link io.traio.spring.boot.internal.CodeInScope} is a call that is stopped with the code that has made it.
 * {@link io.traio.spring.boot.internal.Rethrow} throws any exception as it is. They depend on no feature.
 */
@NullMarked
package io.traio.spring.boot.internal;

import org.jspecify.annotations.NullMarked;
