// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of calls by HTTP. */
@NullMarked
package io.traio.spring.boot.http.autoconfigure;

import org.jspecify.annotations.NullMarked;
