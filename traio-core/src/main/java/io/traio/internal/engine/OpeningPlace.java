// SPDX-License-Identifier: Apache-2.0
package io.traio.internal.engine;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a scope was opened.
 *
 * @param innermost the calls that led there, innermost first; the outer ones are left out
 * @param depth how many calls there were
 */
record OpeningPlace(List<StackFrame> innermost, int depth) {

    /** One that was not recorded; the same as no other. */
    static final OpeningPlace UNKNOWN = new OpeningPlace(List.of(), 0);

    /**
     * Returns whether the same calls led to the other place, at the same depth: it is the same method called once
     * more.
     */
    boolean isSameAs(@Nullable OpeningPlace other) {
        if (other == null || depth == 0 || other.depth != depth || other.innermost.size() != innermost.size()) {
            return false;
        }
        for (int i = 0; i < innermost.size(); i++) {
            if (!isSame(innermost.get(i), other.innermost.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSame(StackFrame a, StackFrame b) {
        return a.getByteCodeIndex() == b.getByteCodeIndex()
                && a.getMethodName().equals(b.getMethodName())
                && a.getClassName().equals(b.getClassName());
    }
}
