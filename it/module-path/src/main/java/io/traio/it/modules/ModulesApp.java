// SPDX-License-Identifier: Apache-2.0
package io.traio.it.modules;

import static java.time.Duration.ofMillis;

import io.traio.Scope;
import io.traio.ScopeFactory;
import io.traio.ScopeFailedException;
import io.traio.ScopeTimeoutException;
import io.traio.Task;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Runs scopes where each class is in a named module. Exits with an error if anything is not as it should be. */
public final class ModulesApp {

    private ModulesApp() {}

    /**
     * Runs the application.
     *
     * @param args not used
     */
    public static void main(String[] args) {
        check("io.traio.it.modules".equals(ModulesApp.class.getModule().getName()), "the application is a module");
        check("io.traio".equals(Scope.class.getModule().getName()), "traio is a module");
        try (ScopeFactory scopes = ScopeFactory.create()) {
            check(sum(scopes) == 3, "tasks are joined");
            check(fails(scopes), "a failure leaves the scope with its cause");
            check(timesOut(scopes), "a timeout cancels");
        }
        System.out.println("module path: ok");
    }

    private static int sum(ScopeFactory scopes) {
        return scopes.call("sum", scope -> {
            Task<Integer> one = scope.spawn("one", () -> 1);
            Task<Integer> two = scope.spawn("two", () -> 2);
            return one.join() + two.join();
        });
    }

    private static boolean fails(ScopeFactory scopes) {
        IOException failure = new IOException("unreachable");
        try {
            scopes.run(
                    "failing",
                    scope -> scope.spawn("task", () -> {
                        throw failure;
                    }));
            return false;
        } catch (ScopeFailedException e) {
            return e.getCause() == failure;
        }
    }

    private static boolean timesOut(ScopeFactory scopes) {
        try {
            scopes.run(
                    "late",
                    s -> s.withTimeout(ofMillis(20)),
                    scope -> scope.spawn(() -> new CountDownLatch(1).await()));
            return false;
        } catch (ScopeTimeoutException e) {
            return true;
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("not so: " + what);
        }
    }
}
