// SPDX-License-Identifier: Apache-2.0
package io.traio;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The rows of the specification that a test holds the engine to, such as {@code S6}. A class's rows hold for all in it. */
@Documented
@Retention(RetentionPolicy.SOURCE)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Spec {

    String[] value();
}
