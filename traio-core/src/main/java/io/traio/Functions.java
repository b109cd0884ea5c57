// SPDX-License-Identifier: Apache-2.0
package io.traio;

import org.jspecify.annotations.Nullable;

/** What {@link Operators} are given, where the JDK has no such function. */
public final class Functions {

    private Functions() {}

    /**
     * A function that may throw.
     *
     * @param <T> type of the argument
     * @param <R> type of the result
     */
    @FunctionalInterface
    public interface ThrowingFunction<T extends @Nullable Object, R extends @Nullable Object> {

        /**
         * Applies the function.
         *
         * @param argument the argument
         * @return the result
         * @throws Exception if it fails
         */
        R apply(T argument) throws Exception;
    }

    /**
     * An action on a value that may throw.
     *
     * @param <T> type of the value
     */
    @FunctionalInterface
    public interface ThrowingConsumer<T extends @Nullable Object> {

        /**
         * Takes a value.
         *
         * @param value the value
         * @throws Exception if it fails
         */
        void accept(T value) throws Exception;
    }

    /**
     * A function of the results of three tasks.
     *
     * @param <A> type of the first result
     * @param <B> type of the second result
     * @param <C> type of the third result
     * @param <R> type of what becomes of them
     */
    @FunctionalInterface
    public interface Function3<
            A extends @Nullable Object,
            B extends @Nullable Object,
            C extends @Nullable Object,
            R extends @Nullable Object> {

        /**
         * Combines the results.
         *
         * @param a the first result
         * @param b the second result
         * @param c the third result
         * @return what becomes of them
         */
        R apply(A a, B b, C c);
    }

    /**
     * A function of the results of four tasks.
     *
     * @param <A> type of the first result
     * @param <B> type of the second result
     * @param <C> type of the third result
     * @param <D> type of the fourth result
     * @param <R> type of what becomes of them
     */
    @FunctionalInterface
    public interface Function4<
            A extends @Nullable Object,
            B extends @Nullable Object,
            C extends @Nullable Object,
            D extends @Nullable Object,
            R extends @Nullable Object> {

        /**
         * Combines the results.
         *
         * @param a the first result
         * @param b the second result
         * @param c the third result
         * @param d the fourth result
         * @return what becomes of them
         */
        R apply(A a, B b, C c, D d);
    }

    /**
     * A function of the results of five tasks.
     *
     * @param <A> type of the first result
     * @param <B> type of the second result
     * @param <C> type of the third result
     * @param <D> type of the fourth result
     * @param <E> type of the fifth result
     * @param <R> type of what becomes of them
     */
    @FunctionalInterface
    public interface Function5<
            A extends @Nullable Object,
            B extends @Nullable Object,
            C extends @Nullable Object,
            D extends @Nullable Object,
            E extends @Nullable Object,
            R extends @Nullable Object> {

        /**
         * Combines the results.
         *
         * @param a the first result
         * @param b the second result
         * @param c the third result
         * @param d the fourth result
         * @param e the fifth result
         * @return what becomes of them
         */
        R apply(A a, B b, C c, D d, E e);
    }
}
