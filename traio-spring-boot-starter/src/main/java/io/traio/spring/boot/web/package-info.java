// SPDX-License-Identifier: Apache-2.0
/** A scope for each servlet request: opened on first use, joined before the response is complete. */
@NullMarked
package io.traio.spring.boot.web;

import org.jspecify.annotations.NullMarked;
