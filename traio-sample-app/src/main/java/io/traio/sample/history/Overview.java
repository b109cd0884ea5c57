// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.history;

import java.util.List;

/**
 * What was searched for.
 *
 * @param latest the last ten searches, the latest first
 * @param cheapest who was the cheapest, the most successful first
 */
record Overview(List<PastSearch> latest, List<Cheapest> cheapest) {}
