// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of the annotation {@code @InScope}. */
@NullMarked
package io.traio.spring.boot.inscope.autoconfigure;

import org.jspecify.annotations.NullMarked;
