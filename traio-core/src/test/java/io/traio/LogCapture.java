// SPDX-License-Identifier: Apache-2.0
package io.traio;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** A logger that prints nothing and keeps what is logged. */
public final class LogCapture {

    private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();
    private final Logger logger;

    public LogCapture() {
        LoggerContext context = new LoggerContext();
        context.setMDCAdapter(MDC.getMDCAdapter());
        logger = context.getLogger("captured");
        logger.setLevel(Level.DEBUG);
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                event.prepareForDeferredProcessing();
                events.add(event);
            }
        };
        appender.setContext(context);
        appender.start();
        logger.addAppender(appender);
    }

    public Logger logger() {
        return logger;
    }

    /** The messages of one level. */
    public List<String> messages(Level level) {
        return events.stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** The exceptions that were logged at one level, null for a message without. */
    List<@Nullable Throwable> thrown(Level level) {
        return events.stream()
                .filter(event -> event.getLevel() == level)
                .map(event -> throwable(event.getThrowableProxy()))
                .toList();
    }

    /** The MDC of each message that contains a text. */
    List<Map<String, String>> mdcOf(String text) {
        return events.stream()
                .filter(event -> event.getFormattedMessage().contains(text))
                .map(ILoggingEvent::getMDCPropertyMap)
                .toList();
    }

    private static @Nullable Throwable throwable(@Nullable IThrowableProxy proxy) {
        return proxy instanceof ThrowableProxy known ? known.getThrowable() : null;
    }
}
