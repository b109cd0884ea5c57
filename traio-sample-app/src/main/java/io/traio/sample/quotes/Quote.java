// SPDX-License-Identifier: Apache-2.0
package io.traio.sample.quotes;

import java.math.BigDecimal;

/** A supplier's price for a flight. */
record Quote(String supplier, BigDecimal price, String currency) {}
