// SPDX-License-Identifier: Apache-2.0
/** Auto-configuration of gRPC. */
@NullMarked
package io.traio.spring.boot.grpc.autoconfigure;

import org.jspecify.annotations.NullMarked;
