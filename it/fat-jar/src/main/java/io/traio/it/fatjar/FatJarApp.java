// SPDX-License-Identifier: Apache-2.0
package io.traio.it.fatjar;

import io.traio.Scope;
import io.traio.ScopeFactory;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Cancels tasks while they load classes from jars inside of a jar, whose file an interrupt closes under its readers. Exits
 * with an error if any class cannot be loaded, by cancelled tasks or afterwards.
 */
@SpringBootApplication
public class FatJarApp {

    private static final int ROUNDS = 20;
    private static final int TASKS = 4;
    private static final int CLASSES_BEFORE_CANCEL = 3;
    private static final int CLASSES_AFTER_CANCEL = 25;

    private final Queue<String> broken = new ConcurrentLinkedQueue<>();
    private final AtomicInteger loadedByCancelled = new AtomicInteger();

    /**
     * Runs the application.
     *
     * @param args not used
     */
    public static void main(String[] args) throws IOException {
        String place =
                Scope.class.getProtectionDomain().getCodeSource().getLocation().toString();
        check(place.startsWith("jar:nested:"), "traio is in a nested jar: " + place);
        try (ConfigurableApplicationContext context = SpringApplication.run(FatJarApp.class)) {
            new FatJarApp().test(context.getBean(ScopeFactory.class));
        }
    }

    private void test(ScopeFactory scopes) throws IOException {
        URLClassLoader ours = (URLClassLoader) getClass().getClassLoader();
        List<String> names = new ArrayList<>();
        try (URLClassLoader undisturbed = copyOf(ours)) {
            for (String name : classesIn(ours.getURLs())) {
                // Some classes need libraries that are not here.
                if (failure(name, undisturbed) == null) {
                    names.add(name);
                }
            }
        }
        check(names.size() > 1000, "there are many classes: " + names.size());

        for (int round = 0; round < ROUNDS; round++) {
            Collections.shuffle(names, new Random(round));
            if (round == 0) {
                loadAndCancel(scopes, names, ours);
            } else {
                try (URLClassLoader fresh = copyOf(ours)) {
                    loadAndCancel(scopes, names, fresh);
                }
            }
        }
        names.forEach(name -> load(name, ours));

        check(broken.isEmpty(), broken.size() + " classes are loaded as ever: " + broken.peek());
        check(loadedByCancelled.get() > ROUNDS, "cancelled tasks have loaded classes: " + loadedByCancelled);
        System.out.printf(
                "fat jar: ok, %d classes, %d loads by cancelled tasks%n", names.size(), loadedByCancelled.get());
    }

    private void loadAndCancel(ScopeFactory scopes, List<String> names, ClassLoader loader) {
        CountDownLatch loading = new CountDownLatch(TASKS * CLASSES_BEFORE_CANCEL);
        scopes.run("loading", scope -> {
            int share = names.size() / TASKS;
            for (int i = 0; i < TASKS; i++) {
                List<String> own = names.subList(i * share, (i + 1) * share);
                scope.spawn(
                        "loader-" + i,
                        () -> loadUntilCancelled(own, loader, loading),
                        t -> t.withCancelTimeout(Duration.ofMinutes(1)));
            }
            loading.await();
            scope.cancel();
        });
    }

    private void loadUntilCancelled(List<String> names, ClassLoader loader, CountDownLatch loading) {
        int afterCancel = 0;
        for (String name : names) {
            load(name, loader);
            loading.countDown();
            // The flag stays: the classes that follow are read by a thread that is interrupted.
            if (Thread.currentThread().isInterrupted()) {
                loadedByCancelled.incrementAndGet();
                if (++afterCancel == CLASSES_AFTER_CANCEL) {
                    Scope.checkCancelled();
                }
            }
        }
    }

    private void load(String name, ClassLoader loader) {
        Throwable failure = failure(name, loader);
        if (failure != null) {
            broken.add(name + ": " + failure);
        }
    }

    private static Throwable failure(String name, ClassLoader loader) {
        try {
            Class.forName(name, false, loader);
            return null;
        } catch (ClassNotFoundException | LinkageError e) {
            return e;
        }
    }

    private static URLClassLoader copyOf(URLClassLoader loader) {
        return new URLClassLoader(loader.getURLs(), ClassLoader.getPlatformClassLoader());
    }

    private static List<String> classesIn(URL[] places) throws IOException {
        List<String> names = new ArrayList<>();
        for (URL place : places) {
            if (place.toString().endsWith(".jar!/")) {
                ((JarURLConnection) place.openConnection())
                        .getJarFile().stream()
                                .map(entry -> entry.getName())
                                .filter(name -> name.endsWith(".class") && !name.contains("-"))
                                .map(name -> name.substring(0, name.length() - ".class".length())
                                        .replace('/', '.'))
                                .forEach(names::add);
            }
        }
        return names;
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("not so: " + what);
        }
    }
}
