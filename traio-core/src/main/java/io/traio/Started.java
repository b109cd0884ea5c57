// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/**
 * A task that has said that it is ready: the result of {@link Scope#start}. Trio's {@code nursery.start} is the model.
 *
 * <pre>{@code
 * Started<Integer> server = scope.start("server", ready -> {
 *     try (ServerSocket socket = new ServerSocket(0)) {
 *         ready.ready(socket.getLocalPort());
 *         serve(socket);
 *     }
 * });
 * connect(server.value());
 * }</pre>
 *
 * <p>Thread-safe.
 *
 * @param <V> type of what the task says when it is ready
 */
public interface Started<V extends @Nullable Object> {

    /**
     * What a task does that is started.
     *
     * @param <V> type of what the task says when it is ready
     */
    @FunctionalInterface
    interface Body<V extends @Nullable Object> {

        /**
         * Runs as a task. The same code runs without {@code start} where it is given a lambda that does nothing: {@code
         * serve(value -> {})}.
         *
         * @param ready to be called once, by any thread, when the task is ready
         * @throws Exception if the task fails: before it is ready, this comes out of {@code start}, afterwards it is a failure
         *     like that of any other task
         */
        void run(Ready<V> ready) throws Exception;
    }

    /**
     * Takes the word of a task that it is ready.
     *
     * @param <V> type of what the task says
     */
    @FunctionalInterface
    interface Ready<V extends @Nullable Object> {

        /**
         * Says that the task is ready: {@code start} returns. A no-op if the task was cancelled before.
         *
         * @param value what {@link Started#value()} returns; may be null
         * @throws IllegalStateException if the task has said so before, or has ended
         */
        void ready(V value);
    }

    /**
     * Returns what the task said when it was ready. It stays readable after the end of the task.
     *
     * @return the value that was given to {@link Ready#ready}
     */
    V value();

    /**
     * Returns the task, which may be joined and cancelled as any other. Its result is null.
     *
     * @return the task
     */
    Task<@Nullable Void> task();
}
