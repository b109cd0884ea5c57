// SPDX-License-Identifier: Apache-2.0
/** The test clock in tests of Spring and Spring Boot. Needs {@code spring-test}. */
@NullMarked
package io.traio.test.spring;

import org.jspecify.annotations.NullMarked;
