// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of deadlines across services: one class for the server, one for each kind of client. */
@NullMarked
package io.traio.spring.boot.deadline.autoconfigure;

import org.jspecify.annotations.NullMarked;
