// SPDX-License-Identifier: Apache-2.0
/**
 * Auto-configuration of the scope of requests: one class for servlets, one for WebFlux.
 *
 * <p>{@code RequestScopeMvcConfiguration} has the parts that need Spring MVC.
 */
@NullMarked
package io.traio.spring.boot.request.autoconfigure;

import org.jspecify.annotations.NullMarked;
