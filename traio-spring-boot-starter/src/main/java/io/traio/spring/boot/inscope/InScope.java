// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.inscope;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.core.annotation.AliasFor;

/**
 * Opens a scope around a method of a bean: the method is its body, {@link io.traio.Scope#current()} returns it, and the
 * call returns when all its tasks have ended.
 *
 * <pre>{@code
 * @InScope(timeout = "${quotes.timeout:800ms}", maxConcurrency = "4")
 * public Quote best(Route route) {
 *     Scope scope = Scope.requireCurrent();
 *     Task<Quote> a = scope.spawn("alpha", () -> alpha.quote(route));
 *     Task<Quote> b = scope.spawn("beta", () -> beta.quote(route));
 *     return Quote.cheaper(a.join(), b.join());
 * }
 * }</pre>
 *
 * <p>Where a scope is current, the new one is a child of it. The call ends as {@link io.traio.ScopeOpener#call} does. A
 * checked exception that the method declares is thrown as it is; others are wrapped in a
 * {@link io.traio.ScopeFailedException}.
 *
 * <p>As with other annotations of Spring, the call must go through the bean's proxy: a method that calls another method of
 * its own object (self-invocation) opens no scope. The scope is inside the advice of other annotations. So it is inside a
 * transaction, for example, which rolls back when the scope fails. The method cannot be private, static or final, and
 * cannot return a {@code Publisher}, whose subscriber would come after the end of the scope.
 *
 * <p>All values may contain <code>${...}</code> placeholders. A bean with an invalid value is not created. The annotation
 * may be used as a meta-annotation, and on methods of interfaces.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface InScope {

    /**
     * Alias for {@link #name()}.
     *
     * @return the name
     */
    @AliasFor("name")
    String value() default "";

    /**
     * Name of the scope. Default: class and method, such as {@code QuoteService.best}.
     *
     * @return the name
     */
    @AliasFor("value")
    String name() default "";

    /**
     * How long the scope may take, until its tasks are done: {@code 800ms}, {@code 2s} or {@code PT2S}; a plain number is
     * in milliseconds. Default: that of the {@link io.traio.ScopeFactory}.
     *
     * @return the timeout
     */
    String timeout() default "";

    /**
     * How many tasks of the scope may run at once; 0 for no limit. Default: that of the {@link io.traio.ScopeFactory}.
     *
     * @return the number
     */
    String maxConcurrency() default "";
}
