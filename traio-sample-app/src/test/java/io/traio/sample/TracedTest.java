// SPDX-License-Identifier: Apache-2.0
package io.traio.sample;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** A {@link SampleTest} with {@link Spans}, those of tasks as well; all such tests share one application. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SampleTest
@Import(Spans.class)
@TestPropertySource(properties = "traio.observation.tasks=true")
public @interface TracedTest {}
