// SPDX-License-Identifier: Apache-2.0
/**
 * Scopes in Reactor, for WebFlux and for other chains: {@link io.traio.spring.boot.reactor.ReactorScopes}.
 */
@NullMarked
package io.traio.spring.boot.reactor;

import org.jspecify.annotations.NullMarked;
