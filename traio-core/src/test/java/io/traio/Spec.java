// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rows of docs/reference/semantics.md that a test verifies, such as {@code S6}, or {@code Threads} for that section.
 * Rows on a class apply to all its tests.
 */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Spec {

    String[] value();
}
