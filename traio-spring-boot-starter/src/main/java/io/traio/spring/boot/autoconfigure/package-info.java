// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of traio in Spring Boot applications. */
@NullMarked
package io.traio.spring.boot.autoconfigure;

import org.jspecify.annotations.NullMarked;
