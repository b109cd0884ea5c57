// SPDX-License-Identifier: Apache-2.0
/** JDBC statements that are cancelled with the scope that they are executed in. */
@NullMarked
package io.traio.spring.boot.jdbc;

import org.jspecify.annotations.NullMarked;
