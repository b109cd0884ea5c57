// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

import java.util.List;

/**
 * An overview of past searches.
 *
 * @param latest the last ten searches, the latest first
 * @param cheapest how often each supplier was the cheapest, the most successful first
 */
record Overview(List<PastSearch> latest, List<Cheapest> cheapest) {}
