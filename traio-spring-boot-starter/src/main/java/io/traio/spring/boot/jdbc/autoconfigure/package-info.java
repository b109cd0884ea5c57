// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of JDBC statements that are cancelled with their scope. */
@NullMarked
package io.traio.spring.boot.jdbc.autoconfigure;

import org.jspecify.annotations.NullMarked;
