// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

import io.traio.spring.boot.actuate.ScopesDescriptor.ScopeDescriptor;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * What the endpoint answers when it is asked for one scope.
 *
 * @param truncated whether something below the scope was left out
 * @param scope the scope
 */
public record ScopeDetailDescriptor(boolean truncated, ScopeDescriptor scope) implements OperationResponseBody {}
