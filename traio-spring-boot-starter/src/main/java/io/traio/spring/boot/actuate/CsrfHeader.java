// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.actuate;

/**
 * The header by which a page proves that its requests are its own, where Spring Security asks for that.
 *
 * @param name of the header
 * @param value the token
 */
record CsrfHeader(String name, String value) {}
