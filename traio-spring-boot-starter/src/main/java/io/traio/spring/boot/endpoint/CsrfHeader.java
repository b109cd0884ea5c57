// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.endpoint;

/**
 * The header that proves that a request comes from the live page, where Spring Security requires that.
 *
 * @param name the name of the header
 * @param value the token
 */
record CsrfHeader(String name, String value) {}
