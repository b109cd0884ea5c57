// SPDX-License-Identifier: Apache-2.0
/**
 * Deadlines across services: a header says how much time is left.
 *
 * <p>{@link io.traio.spring.boot.deadline.DeadlineHeader} parses and writes the header.
 * {@link io.traio.spring.boot.deadline.DeadlineClientHttpRequestInitializer} sends it with {@code RestClient} and
 * {@code RestTemplate}, {@link io.traio.spring.boot.deadline.DeadlineExchangeFilterFunction} with {@code WebClient}. On the
 * server it limits the scope of a request, as a {@link io.traio.spring.boot.request.RequestTimeoutResolver}.
 *
 * <p>The header is taken from whom a {@link io.traio.spring.boot.deadline.DeadlineTrust} of the application or the listed
 * {@link io.traio.spring.boot.deadline.Networks} trust, and sent to {@link io.traio.spring.boot.deadline.DeadlineHosts}.
 */
@NullMarked
package io.traio.spring.boot.deadline;

import org.jspecify.annotations.NullMarked;
