// SPDX-License-Identifier: Apache-2.0
/** For tests of code that uses scopes. */
@NullMarked
package io.traio.test;

import org.jspecify.annotations.NullMarked;
