// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.factory;

import io.traio.FactoryOptions;

/**
 * Customizes the options of the auto-configured {@link io.traio.ScopeFactory}. A bean of this type is called once, when the
 * factory is created. Several are called in the order of their {@link org.springframework.core.annotation.Order @Order}.
 *
 * <p>Properties, listeners, propagators and the time source are applied before. The factory needs its customizers, like its
 * listeners and propagators, to be created. So they must not inject it; they take an
 * {@link org.springframework.beans.factory.ObjectProvider} of it.
 */
@FunctionalInterface
public interface ScopeFactoryCustomizer {

    /**
     * Returns the customized options.
     *
     * @param options the options so far
     * @return the options to continue with
     */
    FactoryOptions customize(FactoryOptions options);
}
