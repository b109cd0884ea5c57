// SPDX-License-Identifier: Apache-2.0
/**
 * The actuator endpoint {@code scopes}, which shows the live scopes and cancels them.
 *
 * <p>{@link io.traio.spring.boot.endpoint.ScopesEndpoint} has the operations; its two web extensions, for servlets and for
 * WebFlux, add text and the live page. {@code ScopeTrees} limits a response, {@code ScopesText} draws it, and the descriptors
 * are its JSON. {@code ScopesPage} is the page, made of the files {@code scopes*}; {@code RecentScopes}
 * remembers what went wrong, {@code RootAttributes} knows what root scopes are for; {@code ServletPageRequest} and {@code
 * ReactivePageRequest} find its CSRF token.
 */
@NullMarked
package io.traio.spring.boot.endpoint;

import org.jspecify.annotations.NullMarked;
