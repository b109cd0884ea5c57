// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

/** A journey there and back. */
record Trip(SearchResult outward, SearchResult back) {}
