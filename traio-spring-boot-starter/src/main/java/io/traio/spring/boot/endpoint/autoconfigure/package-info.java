// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of the endpoint {@code scopes}, with its properties. */
@NullMarked
package io.traio.spring.boot.endpoint.autoconfigure;

import org.jspecify.annotations.NullMarked;
