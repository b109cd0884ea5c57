// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

/** A search that was made, and how many quotes it has brought. */
record PastSearch(long id, String origin, String destination, int quotes) {}
