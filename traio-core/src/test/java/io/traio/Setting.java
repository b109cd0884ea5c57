// SPDX-License-Identifier: Apache-2.0
package io.traio;

import io.traio.EngineTest.Threads;
import io.traio.OwnerThread.Left;
import io.traio.ScopeOpener.VoidBody;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One of the settings in which a rule has to hold: on which kind of thread the owner is, where tasks get their threads
 * from, and how the scope is had.
 */
record Setting(OwnerThread owner, ScopeFactory scopes, Way way, int poolSize) {

    /** A check of a rule in one setting. */
    @FunctionalInterface
    interface Check {
        void in(Setting setting) throws Exception;
    }

    /** Checks each setting, on a pool of one thread too: for code that blocks for no task that is not joined. */
    static void each(Harness harness, Check check) throws Exception {
        List<Setting> settings = new ArrayList<>(on(harness.scopes(), 0));
        if (harness.threads() == Threads.POOL) {
            settings.addAll(on(harness.scopes(f -> f.withExecutor(harness.pool(1))), 1));
        }
        checkAll(settings, check);
    }

    /** Checks each setting in which a task of the scope runs beside its owner, wherever that is. */
    static void eachWithTwoThreads(Harness harness, Check check) throws Exception {
        checkAll(on(harness.scopes(), 0), check);
    }

    private static List<Setting> on(ScopeFactory scopes, int poolSize) {
        List<Setting> settings = new ArrayList<>();
        for (OwnerThread owner : OwnerThread.all()) {
            for (Way way : Way.values()) {
                settings.add(new Setting(owner, scopes, way, poolSize));
            }
        }
        return settings;
    }

    private static void checkAll(List<Setting> settings, Check check) throws Exception {
        for (Setting setting : settings) {
            try {
                check.in(setting);
            } catch (AssertionError e) {
                throw new AssertionError(setting + ": " + e.getMessage(), e);
            }
        }
    }

    /** Has a scope around a piece of code, on this thread. */
    void in(String name, VoidBody body) throws Exception {
        way.in(scopes, name, body);
    }

    void in(String name, UnaryOperator<ScopeOptions> options, VoidBody body) throws Exception {
        way.in(scopes, name, options, body);
    }

    /** Has a scope around a piece of code, on a thread of the owner's kind; gives what is left there. */
    Left left(String name, VoidBody body) {
        return owner.run(() -> in(name, body));
    }

    @Override
    public String toString() {
        return way + " on " + owner + (poolSize > 0 ? ", pool of " + poolSize : "");
    }
}
