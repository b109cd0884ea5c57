// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

/** A past search, and how many quotes it found. */
record PastSearch(long id, String origin, String destination, int quotes) {}
