// SPDX-License-Identifier: Apache-2.0
/** Scopes declared by an annotation. */
@NullMarked
package io.traio.spring.boot.annotation;

import org.jspecify.annotations.NullMarked;
