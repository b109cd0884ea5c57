// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.web;

/** Throws what somebody else has thrown, where the compiler cannot know that it may be. */
final class Rethrow {

    private Rethrow() {}

    static RuntimeException asIs(Throwable failure) {
        throw Rethrow.<RuntimeException>sneaky(failure);
    }

    @SuppressWarnings("unchecked") // the compiler is told that nothing checked is thrown
    private static <X extends Throwable> X sneaky(Throwable failure) throws X {
        throw (X) failure;
    }
}
