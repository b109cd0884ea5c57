// SPDX-License-Identifier: Apache-2.0
/** Assertions about scopes, tasks and snapshots, in the way of AssertJ. Needs AssertJ. */
@NullMarked
package io.traio.test.assertj;

import org.jspecify.annotations.NullMarked;
