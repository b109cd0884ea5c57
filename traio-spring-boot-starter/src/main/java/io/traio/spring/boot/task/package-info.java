// SPDX-License-Identifier: Apache-2.0
/** Spring's task executors and scopes: asynchronous work of Spring becomes tasks of the current scope. */
@NullMarked
package io.traio.spring.boot.task;

import org.jspecify.annotations.NullMarked;
