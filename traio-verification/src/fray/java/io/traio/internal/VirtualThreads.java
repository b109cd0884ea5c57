// SPDX-License-Identifier: Apache-2.0
package io.traio.internal;

import java.util.concurrent.ThreadFactory;

/**
 * Stands in for the class of the same name under the model checker: threads that are lent are platform threads, since the
 * scheduler of virtual ones would be checked as well.
 */
public final class VirtualThreads {

    private VirtualThreads() {}

    public static boolean isVirtual(Thread thread) {
        return false;
    }

    public static boolean areAvailable() {
        return true;
    }

    public static ThreadFactory factory() {
        return Thread::new;
    }

    public static ThreadFactory numbered(String namePrefix) {
        return Thread::new;
    }
}
