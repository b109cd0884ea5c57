// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/** Writes to a log of the user's. What that throws, or the text of an exception that it prints, ends here. */
final class Log {

    private Log() {}

    static void write(
            Logger logger, Level level, @Nullable Throwable failure, String message, @Nullable Object... arguments) {
        try {
            logger.atLevel(level).setCause(failure).log(message, arguments);
        } catch (Throwable unprintable) {
            writeWithoutStack(logger, level, failure, message, arguments);
        }
    }

    private static void writeWithoutStack(
            Logger logger, Level level, @Nullable Throwable failure, String message, @Nullable Object... arguments) {
        try {
            logger.atLevel(level).log(message + (failure != null ? ": " + describe(failure) : ""), arguments);
        } catch (Throwable broken) {
            // A logger that throws whatever it is given: there is no other place to report it.
        }
    }

    static boolean isDebugEnabled(Logger logger) {
        try {
            return logger.isDebugEnabled();
        } catch (Throwable broken) {
            return false;
        }
    }

    /** The text of an exception, or the name of its class if it has none to give. */
    static String describe(Throwable failure) {
        try {
            return failure.toString();
        } catch (Throwable unprintable) {
            return failure.getClass().getName() + " (its text cannot be had)";
        }
    }
}
