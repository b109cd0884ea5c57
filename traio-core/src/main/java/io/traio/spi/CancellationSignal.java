// SPDX-License-Identifier: Apache-2.0
package io.traio.spi;

/**
 * Recognizes an exception by which code of some library leaves when its thread is interrupted. Register one with
 * {@link io.traio.FactoryOptions#withCancellationSignal}, or as a bean in Spring; {@link CancellationSignals} knows those of
 * the JDK and of traio. Implementations must be thread-safe and must not throw.
 */
@FunctionalInterface
public interface CancellationSignal {

    /**
     * Returns whether this exception alone, without its causes, says that the thread was interrupted. The engine asks about
     * each exception of a chain of causes, and only where it has interrupted the code that threw it.
     *
     * @param thrown an exception that left cancelled code, or one of its causes
     * @return whether it is a cancellation signal rather than a failure
     */
    boolean isSignal(Throwable thrown);
}
