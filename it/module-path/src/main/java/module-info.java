// SPDX-License-Identifier: Apache-2.0

/** An application of modules that uses traio. */
module io.traio.it.modules {
    requires io.traio;
    // An automatic module cannot say that it needs this one.
    requires org.slf4j;
}
