// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger that prints nothing and keeps what is logged. */
final class LogBook extends AbstractLogger {

    private static final long serialVersionUID = 1L;

    private final transient Queue<Entry> entries = new ConcurrentLinkedQueue<>();
    private final transient Book book;
    private final boolean debug;

    /** What was logged, and when in the order of all events. */
    record Entry(
            long at, Level level, String message, @Nullable Throwable thrown) {
        boolean isLoud() {
            return level.toInt() >= Level.WARN.toInt();
        }
    }

    LogBook(Book book, boolean debug) {
        this.book = book;
        this.debug = debug;
        name = "trees";
    }

    Queue<Entry> entries() {
        return entries;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
        // What is said at debug without a failure is only counted on not to throw.
        String message = MessageFormatter.basicArrayFormat(pattern, arguments);
        if (thrown != null || level.toInt() >= Level.WARN.toInt()) {
            entries.add(new Entry(book.tick(), level, message, thrown));
        }
    }

    @Override
    protected String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    public boolean isTraceEnabled() {
        return false;
    }

    @Override
    public boolean isTraceEnabled(Marker marker) {
        return false;
    }

    @Override
    public boolean isDebugEnabled() {
        return debug;
    }

    @Override
    public boolean isDebugEnabled(Marker marker) {
        return debug;
    }

    @Override
    public boolean isInfoEnabled() {
        return true;
    }

    @Override
    public boolean isInfoEnabled(Marker marker) {
        return true;
    }

    @Override
    public boolean isWarnEnabled() {
        return true;
    }

    @Override
    public boolean isWarnEnabled(Marker marker) {
        return true;
    }

    @Override
    public boolean isErrorEnabled() {
        return true;
    }

    @Override
    public boolean isErrorEnabled(Marker marker) {
        return true;
    }
}
