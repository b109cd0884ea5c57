// SPDX-License-Identifier: Apache-2.0
/** An extension of JUnit that fails a test which leaves scopes behind. Needs JUnit Jupiter. */
@NullMarked
package io.traio.test.junit;

import org.jspecify.annotations.NullMarked;
