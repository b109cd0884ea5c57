// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of the meters. */
@NullMarked
package io.traio.spring.boot.metrics.autoconfigure;

import org.jspecify.annotations.NullMarked;
