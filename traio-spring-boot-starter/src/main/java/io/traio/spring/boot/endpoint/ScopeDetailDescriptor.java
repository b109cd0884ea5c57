// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

import io.traio.spring.boot.endpoint.ScopesDescriptor.ScopeDescriptor;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The response of the endpoint for one scope.
 *
 * @param truncated whether members of the scope were left out
 * @param scope the scope
 */
public record ScopeDetailDescriptor(boolean truncated, ScopeDescriptor scope) implements OperationResponseBody {}
