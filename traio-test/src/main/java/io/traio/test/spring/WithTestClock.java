// SPDX-License-Identifier: Apache-2.0
package io.traio.test.spring;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Puts a {@link io.traio.test.TestClock} into the application context of a test, as the primary {@link
 * io.traio.spi.TimeSource} bean: scopes go by it, and the test injects and advances it.
 *
 * <pre>{@code
 * @SpringBootTest
 * @WithTestClock
 * class QuotesTest {
 *
 *     @Autowired
 *     TestClock clock;
 * }
 * }</pre>
 *
 * <p>Works with each kind of test that has an application context, slices included. Tests that share a context share its
 * clock, which goes on from where the test before has left it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface WithTestClock {}
