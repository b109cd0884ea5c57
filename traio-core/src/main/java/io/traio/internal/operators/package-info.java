// SPDX-License-Identifier: Apache-2.0
/**
 * How {@link io.traio.Operators} do it, on scopes as any application uses them. {@code OperatorScope} opens the scope of one
 * call, {@code Discards} keeps the values that nobody may get, and there is a class for each sort of operator.
 */
@NullMarked
package io.traio.internal.operators;

import org.jspecify.annotations.NullMarked;
