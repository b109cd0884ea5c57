// SPDX-License-Identifier: Apache-2.0
package io.traio.benchmarks;

import java.time.Duration;
import java.util.concurrent.Callable;
import kotlin.Unit;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.EmptyCoroutineContext;
import kotlin.jvm.functions.Function2;
import kotlinx.coroutines.BuildersKt;
import kotlinx.coroutines.CoroutineDispatcher;
import kotlinx.coroutines.CoroutineScope;
import kotlinx.coroutines.CoroutineStart;
import kotlinx.coroutines.ExecutorsKt;
import kotlinx.coroutines.InterruptibleKt;
import kotlinx.coroutines.TimeoutKt;

/** Kotlin's coroutines, called from Java, with a thread per task, since tasks may block. */
final class Coroutines implements Peer {

    private final CoroutineDispatcher dispatcher = ExecutorsKt.from(Threads.sharedExecutor());

    @Override
    public void fanOut(int times, Callable<Integer> task) throws InterruptedException {
        BuildersKt.runBlocking(EmptyCoroutineContext.INSTANCE, launches(times, plain(task)));
    }

    @Override
    public void fanOutWithin(Duration timeout, int times, Callable<Integer> task) throws InterruptedException {
        Function2<CoroutineScope, Continuation<? super Unit>, Object> body = launches(times, plain(task));
        BuildersKt.<Unit>runBlocking(
                EmptyCoroutineContext.INSTANCE,
                (scope, continuation) -> TimeoutKt.<Unit>withTimeout(timeout.toMillis(), body, continuation));
    }

    @Override
    public void failing(int times, Callable<Integer> task, Callable<Integer> failure) throws InterruptedException {
        Function2<CoroutineScope, Continuation<? super Unit>, Object> body = launches(times, interruptible(task));
        BuildersKt.<Unit>runBlocking(EmptyCoroutineContext.INSTANCE, (scope, continuation) -> {
            body.invoke(scope, continuation);
            BuildersKt.launch(scope, dispatcher, CoroutineStart.DEFAULT, plain(failure));
            return Unit.INSTANCE;
        });
    }

    private Function2<CoroutineScope, Continuation<? super Unit>, Object> launches(
            int times, Function2<CoroutineScope, Continuation<? super Unit>, Object> work) {
        return (scope, continuation) -> {
            for (int i = 0; i < times; i++) {
                BuildersKt.launch(scope, dispatcher, CoroutineStart.DEFAULT, work);
            }
            return Unit.INSTANCE;
        };
    }

    private static Function2<CoroutineScope, Continuation<? super Unit>, Object> plain(Callable<Integer> task) {
        return (scope, continuation) -> {
            Threads.call(task);
            return Unit.INSTANCE;
        };
    }

    private static Function2<CoroutineScope, Continuation<? super Unit>, Object> interruptible(Callable<Integer> task) {
        return (scope, continuation) -> InterruptibleKt.<Unit>runInterruptible(
                EmptyCoroutineContext.INSTANCE,
                () -> {
                    Threads.call(task);
                    return Unit.INSTANCE;
                },
                continuation);
    }
}
