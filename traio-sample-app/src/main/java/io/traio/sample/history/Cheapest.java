// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

/** How many times a supplier had the lowest price. */
record Cheapest(String supplier, int times) {}
