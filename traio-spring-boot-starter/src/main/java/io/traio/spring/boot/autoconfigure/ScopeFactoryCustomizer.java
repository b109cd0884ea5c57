// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.autoconfigure;

import io.traio.FactoryOptions;

/**
 * Changes the options of the auto-configured {@link io.traio.ScopeFactory}: a bean of this type is called once, when the
 * factory is made. Several are called in the order of their {@link org.springframework.core.annotation.Order @Order}.
 *
 * <p>Properties, listeners, propagators and the time source have been applied by then. A customizer, like a listener or
 * propagator, is needed to make the factory and so must not ask for it in its constructor: take an
 * {@link org.springframework.beans.factory.ObjectProvider} of it.
 */
@FunctionalInterface
public interface ScopeFactoryCustomizer {

    /**
     * Changes options.
     *
     * @param options the options so far
     * @return the options to go on with
     */
    FactoryOptions customize(FactoryOptions options);
}
