// SPDX-License-Identifier: Apache-2.0
/**
 * Calls by HTTP that end with their scope, whatever the client and the thread.
 *
 * <p>{@link io.traio.spring.boot.http.ScopeClientHttpRequestFactory} is put around the request factory of {@code RestClient},
 * {@code RestTemplate} and HTTP interfaces, {@link io.traio.spring.boot.http.ScopeExchangeFilterFunction} into
 * {@code WebClient}.
 */
@NullMarked
package io.traio.spring.boot.http;

import org.jspecify.annotations.NullMarked;
