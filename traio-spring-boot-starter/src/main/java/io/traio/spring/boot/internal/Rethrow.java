// SPDX-License-Identifier: Apache-2.0
package io.traio.spring.boot.internal;

/** Throws an exception that other code has thrown, checked or not, where the compiler cannot know its type. */
public final class Rethrow {

    private Rethrow() {}

    /**
     * Throws an exception as it is.
     *
     * @param failure the exception
     * @return never; the type lets callers write {@code throw}
     */
    public static RuntimeException asIs(Throwable failure) {
        throw Rethrow.<RuntimeException>sneaky(failure);
    }

    @SuppressWarnings("unchecked") // lets the compiler believe that nothing checked is thrown
    private static <X extends Throwable> X sneaky(Throwable failure) throws X {
        throw (X) failure;
    }
}
