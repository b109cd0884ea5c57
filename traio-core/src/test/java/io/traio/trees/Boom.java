// SPDX-License-Identifier: Apache-2.0
package io.traio.trees;

/** What the code of a random program throws. All but their types is in the message; the stack trace is left out. */
interface Boom {

    /** The failure that a step throws, or cancels with. */
    static Throwable of(Book book, Step step) {
        String message = book.tree.seed() + "/" + step.how + "/" + book.tick();
        return switch (step.how) {
            case UNCHECKED -> new Unchecked(message, null);
            case ERROR -> new Fatal(message, null);
            case SHARED_INSTANCE -> book.shared;
            case INTERRUPTION_INSIDE -> new Unchecked(message, new InterruptedException("the user's own"));
            default -> new Checked(message, null);
        };
    }

    /** An unchecked failure. */
    final class Unchecked extends RuntimeException implements Boom {
        private static final long serialVersionUID = 1L;

        Unchecked(String message, Throwable cause) {
            super(message, cause, true, false);
        }
    }

    /** A checked failure. */
    final class Checked extends Exception implements Boom {
        private static final long serialVersionUID = 1L;

        Checked(String message, Throwable cause) {
            super(message, cause, true, false);
        }
    }

    /** An error. */
    final class Fatal extends Error implements Boom {
        private static final long serialVersionUID = 1L;

        Fatal(String message, Throwable cause) {
            super(message, cause, true, false);
        }
    }
}
